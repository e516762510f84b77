"""Things that may be said once in a file."""

from __future__ import annotations

from allpoints.schedule.gathering_file.complaints import Complaint
from allpoints.schedule.gathering_file.positions import Position
from allpoints.schedule.gathering_file.problems import ProblemList


class Uniqueness:
    """Remembers where each value was first written; a second one is noted with the line of the first."""

    def __init__(self, problems: ProblemList, complaint: Complaint) -> None:
        self._problems = problems
        self._complaint = complaint
        self._claimed: dict[str, int] = {}

    def claim(self, value: str, at: Position, /, **values: str | int) -> bool:
        """Whether ``value`` is new."""
        if value in self._claimed:
            self._problems.add(at, self._complaint, line=self._claimed[value], **values)
            return False
        self._claimed[value] = at.line
        return True
