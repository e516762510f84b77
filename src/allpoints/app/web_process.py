"""The web's process: the plan, the pages and the origin."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from allpoints.app.plan import plan_of
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log, kept_log
from allpoints.kernel.settings import Settings
from allpoints.kernel.storage import Storage, open_storage
from allpoints.kernel.watchdog import Watchdog
from allpoints.web import serve_web


def run_web(settings: Settings, clock: Clock, *, demo: bool = False, callers: int | None = None) -> None:
    """Be the web until SIGTERM or SIGINT. ``callers``: a descriptor that listens already.

    Raises PortTaken, AddressUnusable and NoGathering.
    """
    folders = Folders.beneath(settings.data)
    with ExitStack() as stack:
        log = stack.enter_context(kept_log("web", folders, clock))
        gathering = plan_of(folders, log.trouble)
        storage = _storage_or_none_kept(folders, stack, log)
        serve_web(
            settings, folders, clock=clock, gathering=gathering, storage=storage, log=log,
            watchdog=Watchdog.of(os.environ, clock), is_demo=demo, callers=callers,
        )


def _storage_or_none_kept(folders: Folders, stack: ExitStack, log: Log) -> Storage:
    """The database, or where it is ill an empty one that lasts as long as this process: viewers go on watching, and
    the crew signs in anew."""
    try:
        storage = open_storage(folders)
    except AllpointsError as trouble:
        log.trouble(f"{trouble.sentence()} Meanwhile the pages go on, and everybody is signed out.")
        passing = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="allpoints-")))
        storage = open_storage(Folders(data=passing, memory=passing / "memory"))
    stack.callback(storage.close)
    return storage
