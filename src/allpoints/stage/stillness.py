"""Whether anything moves or sounds on program: looked at now and then, on a grid of pixels, by the mixer itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allpoints.contribute.source import Moment
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.stage.colours import planes_of

GRID = 16
BLACKEST = 32
"""Luma that no pixel of a black picture exceeds; video black is 16."""
STILL = 0.25
"""Mean difference of luma below which two pictures are the same one, coded twice."""
SILENT = 0.001
"""Peak of what nobody hears: 60 dB below full scale."""


class Stillness:
    """For how long program has been black, frozen, silent. ``look`` costs some 30 µs."""

    def __init__(self) -> None:
        self._tick = 0
        self._grid: NDArray[np.int16] | None = None
        self._black_since: int | None = None
        self._frozen_since: int | None = None
        self._silent_since: int | None = None

    def look(self, tick: int, moment: Moment) -> None:
        """Take note of one tick of program."""
        grid = planes_of(moment.picture)[0][GRID // 2::GRID, GRID // 2::GRID].astype(np.int16)
        is_frozen = self._grid is not None and float(np.abs(grid - self._grid).mean()) < STILL
        self._tick, self._grid = tick, grid
        self._black_since = self._since(self._black_since, int(grid.max()) <= BLACKEST)
        self._frozen_since = self._since(self._frozen_since, is_frozen)
        self._silent_since = self._since(self._silent_since, float(np.abs(moment.sound).max()) < SILENT)

    def _since(self, since: int | None, holds: bool) -> int | None:
        if not holds:
            return None
        return self._tick if since is None else since

    @property
    def black_ms(self) -> int:
        """For how long the picture has been black."""
        return self._lasting_ms(self._black_since)

    @property
    def frozen_ms(self) -> int:
        """For how long the picture has not moved."""
        return self._lasting_ms(self._frozen_since)

    @property
    def silent_ms(self) -> int:
        """For how long there has been no sound."""
        return self._lasting_ms(self._silent_since)

    def _lasting_ms(self, since: int | None) -> int:
        return 0 if since is None else (self._tick - since) * 1000 // TICKS_PER_SECOND
