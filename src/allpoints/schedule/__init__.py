"""What is planned: the gathering, its file, its timetable, and its place in the database."""

from allpoints.kernel.storage import Storage, open_storage
from allpoints.schedule.calendar_file import calendar_file
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
    "calendar_file",
    "check_gathering_file",
    "differs_from_seed",
    "gathering_template",
    "load_gathering",
    "load_gathering_file",
    "open_storage",
    "seed_once",
    "write_gathering_toml",
]
