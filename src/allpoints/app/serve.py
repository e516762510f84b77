"""``allpoints serve``: everything of one gathering on one machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from allpoints.app.addresses import pages_answer, told_addresses
from allpoints.app.data_folder import held
from allpoints.app.pair import NoStandbyKey, epoch_of_peer
from allpoints.app.plan import plan_of
from allpoints.app.ports import listen_when_free, listenings
from allpoints.app.supervisor import ChildSpec, Say, Supervisor
from allpoints.kernel.clock import SHIFT_VARIABLE, Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, kept_log
from allpoints.kernel.settings import Settings
from allpoints.kernel.storage import StorageDamaged, open_storage
from allpoints.schedule.gathering_file import load_gathering_file
from allpoints.schedule.model import Gathering
from allpoints.schedule.store import differs_from_seed, seed_once
from allpoints.staff import ensure_secret

STAGE_LIMIT = 1.25
"""Seconds for which the mixer, which turns at every tick, may be silent. Thirty ticks late is no hiccup any more, and
with the time to start again viewers still get a part within a few seconds."""

LIMIT = 3.0
"""The same for the loops of web, ingest and recorder: what they leave waiting is in the players' buffers."""


class NothingPlanned(AllpointsError):
    """Neither the data folder nor the gathering file holds a plan."""

    code = "nothing_planned"
    for_people = "There is no {path} here. Write one with “allpoints init”, or name yours with --gathering."


def process_arguments(name: str, *more: str) -> list[str]:
    """How a process of Allpoints is started."""
    return [sys.executable, "-m", "allpoints", name, *more]


def seed_from_file(folders: Folders, path: Path, settings: Settings, clock: Clock, say: Say) -> None:
    """Plan what the gathering file says, if nothing is planned here yet; else say when the file is not in force.

    A machine that stands by counts time from the same epoch as the other, and asks it. Raises NothingPlanned,
    GatheringFileError, and PeerSilent or PeerRefuses.
    """
    if not path.exists():
        if not folders.database.exists():
            raise NothingPlanned(path=str(path))
        return
    gathering = load_gathering_file(path)
    is_new_standby = settings.standby_of and not folders.database.exists()
    now = epoch_of_peer(settings, clock) if is_new_standby else clock.now()
    try:
        with closing(open_storage(folders)) as storage:
            if not seed_once(storage, gathering, now) and differs_from_seed(storage, gathering):
                say("allpoints", f"{path} has changed since it was read in: the plan is now kept in {folders.data}")
    except StorageDamaged as trouble:
        say("allpoints", trouble.sentence())  # the stage may have a copy of the plan: then the show goes on


def simulcast_of(gathering: Gathering) -> list[ChildSpec]:
    """The process that sends the program on, where the plan has somebody to send it to."""
    if not gathering.receivers:
        return []
    return [ChildSpec("simulcast", process_arguments("simulcast"), limit=LIMIT, expendable=400)]


def serve(
    settings: Settings,
    clock: Clock,
    say: Say,
    *,
    seed: Callable[[Folders], None],
    extra: Callable[[Folders, Gathering], Sequence[ChildSpec]] = lambda *_: (),
    is_demo: bool = False,
) -> int:
    """Hold the gathering of ``settings.data`` until SIGTERM or SIGINT; returns the exit code.

    ``seed`` plans something where nothing is planned; ``extra`` are processes beside stage, ingest, web and recorder.
    Raises AlreadyServing, FolderForbidden, NoStandbyKey, PortTaken and its like, and what ``seed`` raises.
    """
    folders = Folders.beneath(settings.data)
    with ExitStack() as stack:
        stack.enter_context(held(folders, clock))
        log = stack.enter_context(kept_log("supervisor", folders, clock))
        if (settings.peer or settings.standby_of) and not settings.standby_key:
            raise NoStandbyKey
        for_pages, for_rtmp = listenings(settings)
        # Held here, so that who calls while the web is started again waits for it and is not turned away.
        callers = stack.enter_context(listen_when_free(for_pages, clock))
        listen_when_free(for_rtmp, clock).close()
        seed(folders)

        def tell(who: str, what: str) -> None:
            say(who, what)
            log.say(Event.SUPERVISED, f"{who} {what}", shown=False)

        gathering = plan_of(folders, lambda sentence: tell("allpoints", sentence))
        new_secret = ensure_secret(folders)

        def tell_addresses() -> None:  # with secrets and stream keys: for eyes only
            for line in told_addresses(settings, gathering, new_secret, is_demo=is_demo):
                say("", line)

        demo = ["--demo"] if is_demo else []
        return Supervisor(
            [
                ChildSpec("stage", process_arguments("stage", "--copied-plan", *demo), limit=STAGE_LIMIT),
                ChildSpec("web", process_arguments("web", "--callers", str(callers.fileno()), *demo), limit=LIMIT,
                          expendable=100, descriptors=[callers.fileno()]),
                ChildSpec("ingest", process_arguments("ingest"), limit=LIMIT, expendable=200),
                ChildSpec("recorder", process_arguments("recorder"), limit=LIMIT, expendable=300),
                *simulcast_of(gathering),
                *extra(folders, gathering),
            ],
            clock=clock,
            say=tell,
            environment=os.environ | settings.as_environment() | _clock(folders, is_demo),
            folders=folders,
            ready=lambda: pages_answer(settings),
            when_ready=tell_addresses,
        ).run()


def _clock(folders: Folders, is_demo: bool) -> dict[str, str]:
    """In the demo a file may shift the clock of every process."""
    return {SHIFT_VARIABLE: str(folders.clock_shift)} if is_demo else {}
