"""What can be wrong with a gathering file, and how it is told to the person who wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from allpoints.kernel.errors import AllpointsError
from allpoints.schedule.gathering_file.complaints import Complaint, Severity
from allpoints.schedule.gathering_file.positions import Position


@dataclass(frozen=True)
class Problem:
    """A complaint about one place of the file; ``line`` and ``column`` count from 1, columns in characters."""

    line: int
    column: int
    complaint: Complaint
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The kind, for programs."""
        return self.complaint.code

    @property
    def severity(self) -> Severity:
        """Errors keep the gathering from being used; warnings do not."""
        return self.complaint.severity

    @property
    def sentence(self) -> str:
        """The untranslated sentence for people, its fields filled in."""
        return self.complaint.for_people.format_map(self.values)

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class GatheringFileError(AllpointsError):
    """The gathering file has at least one problem of severity error; ``problems`` holds them all, in line order."""

    code = "bad_gathering_file"
    status = 422
    for_people = "{path} cannot be used yet:\n{listing}\nChange these lines, then run “allpoints check”."

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(path=str(path), listing="\n".join(map(str, problems)))


class ProblemList:
    """Collects the problems of one file while it is read."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, at: Position, complaint: Complaint, **values: str | int) -> None:
        """Note one more."""
        self._found.append(Problem(at.line, at.column, complaint, values))

    def in_order(self) -> list[Problem]:
        """All of them, from the top of the file down."""
        return sorted(self._found, key=lambda problem: (problem.line, problem.column))
