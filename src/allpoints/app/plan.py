"""The plan that a process works from: the database's, or the stage's copy where the database is ill."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from allpoints.app.plan_copy import plan_copy, plan_or_copy
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.schedule.model import Gathering
from allpoints.schedule.store import load_gathering


def plan_of(folders: Folders, on_trouble: Callable[[str], None]) -> Gathering:
    """The gathering of this data folder. Raises NoGathering where none was ever planned here."""

    def load() -> Gathering:
        with closing(open_storage(folders)) as storage:
            return load_gathering(storage)

    return plan_or_copy(load, plan_copy(folders), on_trouble)
