"""Where the program is, as its released names tell: right whatever anybody's clock does."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline
from allpoints.publish.ladder import UnitName

SILENT_AFTER = 6.0


class ProgramTicks:
    """Tells the program's tick. One thread calls ``look`` now and then; any may call ``now``.

    While units are being finished, the newest one's end is the anchor. While there is no program, the wall clock is.
    """

    def __init__(self, folders: Folders, rung: str, timeline: Timeline, clock: Clock) -> None:
        self._places = (folders.held / rung, folders.public / rung)
        self._timeline = timeline
        self._clock = clock
        self._newest: int | None = None
        self._anchor: tuple[int, float] | None = None

    def look(self) -> None:
        """See whether a unit was finished since the last look."""
        newest = max((end for place in self._places for end in _ends(place)), default=0)
        now = self._clock.monotonic()
        if self._newest is not None and newest > self._newest:
            self._anchor = newest, now
        elif self._anchor is not None and now - self._anchor[1] > SILENT_AFTER:
            self._anchor = None
        self._newest = newest

    def now(self) -> int:
        """The tick that the program has now."""
        anchor = self._anchor
        if anchor is None:
            return self._timeline.tick_at(self._clock.now())
        return anchor[0] + int((self._clock.monotonic() - anchor[1]) * TICKS_PER_SECOND)


def _ends(place: Path) -> list[int]:
    with suppress(OSError):
        return [name.slot.end_tick for path in place.iterdir() if (name := UnitName.read(path.name))]
    return []
