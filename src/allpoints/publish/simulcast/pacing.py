"""Segments come two seconds at a time; what is sent on goes out as evenly as it was made."""

from __future__ import annotations

from dataclasses import dataclass

CUSHION_MS = 500
"""How late a segment may come without a pause in what is sent."""

MOST_AHEAD_MS = 4000
"""A segment that would have to wait longer than this comes after a jump in the program's time."""


@dataclass
class Pacer:
    """Says when a program time is due. Monotonic and program times in milliseconds.

    A hole in the program passes as a hole of the same length; after a jump of its clock, or when segments come late,
    the pace is set anew.
    """

    _offset: float | None = None

    def segment(self, begins: int, now: float) -> None:
        """A segment that ``begins`` at this program time has come."""
        wait = None if self._offset is None else begins + self._offset - now
        if wait is None or not 0 <= wait <= MOST_AHEAD_MS:
            self._offset = now + CUSHION_MS - begins

    def is_due(self, time: int, now: float) -> bool:
        """Whether what belongs to the program time ``time`` should have gone out by ``now``."""
        return self._offset is not None and time + self._offset <= now
