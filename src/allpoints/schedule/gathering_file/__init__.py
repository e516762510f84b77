"""``gathering.toml``: the plan of a gathering as a person writes it, with every mistake told by line."""

from allpoints.schedule.gathering_file.complaints import Severity
from allpoints.schedule.gathering_file.problems import GatheringFileError, Problem
from allpoints.schedule.gathering_file.reading import check_gathering_file, load_gathering_file
from allpoints.schedule.gathering_file.template import gathering_template
from allpoints.schedule.gathering_file.writing import write_gathering_toml

__all__ = [
    "GatheringFileError",
    "Problem",
    "Severity",
    "check_gathering_file",
    "gathering_template",
    "load_gathering_file",
    "write_gathering_toml",
]
