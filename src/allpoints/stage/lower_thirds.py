"""Name graphics over the program: drawn away from the mixer, faded in and out on its ticks."""

from __future__ import annotations

import queue
import threading

import av

from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.stage.graphics import LowerThird, blend

FADE_TICKS = 10
STAY_TICKS = 6 * TICKS_PER_SECOND


class LowerThirds:
    """The graphics layer of the dirty feed. Drawing text takes longer than a tick, so a thread does it; until a
    graphic is drawn, the program goes on without it."""

    def __init__(self) -> None:
        self._wanted: queue.Queue[tuple[str, str, int] | None] = queue.Queue()
        self._drawn: queue.SimpleQueue[tuple[LowerThird, int]] = queue.SimpleQueue()
        self._shown: LowerThird | None = None
        self._opacity = 0.0
        self._until_tick = 0
        self._thread = threading.Thread(target=self._draw, name="lower thirds", daemon=True)

    def start(self) -> None:
        """Start the drawing thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop drawing."""
        self._wanted.put(None)

    def show(self, title: str, subtitle: str, tick: int) -> None:
        """Show a name from about ``tick`` on, for six seconds."""
        self._wanted.put((title, subtitle, tick + STAY_TICKS))

    def clear(self) -> None:
        """Fade out what is shown."""
        self._until_tick = 0

    def over(self, picture: av.VideoFrame, tick: int) -> av.VideoFrame:
        """``picture`` with the graphic that is up at ``tick``; the same object where there is none."""
        while not self._drawn.empty():
            self._shown, self._until_tick = self._drawn.get()
            self._opacity = 0.0
        if self._shown is None:
            return picture
        step = 1.0 / FADE_TICKS
        self._opacity = min(1.0, self._opacity + step) if tick < self._until_tick else self._opacity - step
        if self._opacity <= 0.0:
            self._shown = None
            return picture
        return blend(picture, self._shown, self._opacity)

    def _draw(self) -> None:
        while (wanted := self._wanted.get()) is not None:
            title, subtitle, until_tick = wanted
            self._drawn.put((LowerThird(title, subtitle), until_tick))
