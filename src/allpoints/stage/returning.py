"""A lost source that comes back by itself, and patience with one that keeps being lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allpoints.contribute.source import SourceState
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef
from allpoints.stage.program import Playing

STEADY_TICKS = 10 * TICKS_PER_SECOND
FIRST_WAIT_TICKS = 2 * TICKS_PER_SECOND
LONGEST_WAIT_TICKS = 30 * TICKS_PER_SECOND


@dataclass(frozen=True)
class Patience:
    """How long a source waits before it is taken again. One that is lost again within ten seconds of its return waits
    two seconds the next time, then twice as long each time, thirty at most: slate is better than a picture that comes
    and goes."""

    wait_ticks: int = 0
    returned_tick: int | None = None

    def lost(self, tick: int) -> Patience:
        """After a loss at ``tick``."""
        if self.returned_tick is None or tick - self.returned_tick > STEADY_TICKS:
            return Patience()
        return Patience(min(LONGEST_WAIT_TICKS, max(FIRST_WAIT_TICKS, 2 * self.wait_ticks)))

    def returned(self, tick: int) -> Patience:
        """After it was taken again at ``tick``."""
        return replace(self, returned_tick=tick)


class Returning:
    """The airing that was lost and may come back, if there is one."""

    def __init__(self) -> None:
        self.lost: Playing | None = None
        self._by_itself = False
        self._not_before_tick = 0
        self._patience: dict[SourceRef, Patience] = {}

    def wait_for(self, lost: Playing, tick: int, *, by_itself: bool) -> None:
        """Wait for the source of an airing that was lost at ``tick``. ``by_itself``: also without auto-next."""
        self.forget()
        patience = self._patience.get(lost.airing.source, Patience()).lost(tick)
        self._patience[lost.airing.source] = patience
        self.lost, self._by_itself, self._not_before_tick = lost, by_itself, tick + patience.wait_ticks

    def look(self, tick: int, *, armed: bool) -> SourceState | None:
        """READY when it is to be taken again, ENDED or REFUSED when it never will be; None meanwhile."""
        if self.lost is None:
            return None
        self.lost.feed.idle_tick()
        state = self.lost.feed.status().state
        if state in (SourceState.ENDED, SourceState.REFUSED):
            return state
        may_return = (armed or self._by_itself) and tick >= self._not_before_tick
        return state if state is SourceState.READY and may_return else None

    def back(self, tick: int) -> Playing:
        """Hand over what comes back at ``tick``."""
        assert self.lost is not None
        lost, self.lost = self.lost, None
        self._patience[lost.airing.source] = self._patience[lost.airing.source].returned(tick)
        return lost

    def forget(self) -> None:
        """Wait no more."""
        if self.lost is not None:
            self.lost.feed.close()
            self.lost = None
