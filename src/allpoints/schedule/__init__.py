"""What is planned: the gathering, its file, its timetable, and its place in the database.

Also entered by ``model`` and ``calendar_file``. Names are fetched when they are first asked for: a stage that starts
again needs the model at once and a database not at all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from allpoints.kernel.storage import Storage, open_storage
    from allpoints.schedule.gathering_file import (
        GatheringFileError,
        Problem,
        Severity,
        check_gathering_file,
        gathering_template,
        load_gathering_file,
        write_gathering_toml,
    )
    from allpoints.schedule.store import NoGathering, differs_from_seed, load_gathering, seed_once
    from allpoints.schedule.timetable import Timetable, UnknownZone

__all__ = [
    "GatheringFileError",
    "NoGathering",
    "Problem",
    "Severity",
    "Storage",
    "Timetable",
    "UnknownZone",
    "check_gathering_file",
    "differs_from_seed",
    "gathering_template",
    "load_gathering",
    "load_gathering_file",
    "open_storage",
    "seed_once",
    "write_gathering_toml",
]

_ELSEWHERE = {
    "allpoints.kernel.storage": ("Storage", "open_storage"),
    "allpoints.schedule.store": ("NoGathering", "differs_from_seed", "load_gathering", "seed_once"),
    "allpoints.schedule.timetable": ("Timetable", "UnknownZone"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    places = (place for place, names in _ELSEWHERE.items() if name in names)
    return getattr(import_module(next(places, "allpoints.schedule.gathering_file")), name)
