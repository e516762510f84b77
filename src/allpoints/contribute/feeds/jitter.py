"""How deep a live buffer should be, and when its clock's drift is put right."""

from __future__ import annotations

from collections import deque

TARGET_TICKS = 6
"""0.24 s: what a take or a return after loss begins with."""

SURPLUS_TICKS = 3
FLOOR_TICKS = 1
WINDOW_TICKS = 25
FAR_TICKS = 25


class DepthWatch:
    """Watches a live buffer's depth on air, tick by tick.

    Jitter moves the depth up and down within a second; what its *lowest* value of a second does is the drift between
    the publisher's clock and ours (or latency that a stall has left behind). So only that is corrected, once a second
    at most, by a third of the surplus; a buffer that is a second too deep is cut to the target at once.
    """

    def __init__(self, target: int = TARGET_TICKS) -> None:
        self._target = target
        self._depths: deque[int] = deque(maxlen=WINDOW_TICKS)

    def reset(self) -> None:
        """Begin to watch anew."""
        self._depths.clear()

    def correction(self, depth: int) -> int:
        """Ticks to skip (positive), or −1 to hold one, given the depth before this tick is taken."""
        self._depths.append(depth)
        if len(self._depths) < WINDOW_TICKS:
            return 0
        lowest = min(self._depths)
        if lowest - self._target >= FAR_TICKS:
            correction = lowest - self._target
        elif lowest - self._target >= SURPLUS_TICKS:
            correction = (lowest - self._target) // 3
        elif lowest <= FLOOR_TICKS and depth > 0:
            correction = -1
        else:
            return 0
        self._depths.clear()
        return correction
