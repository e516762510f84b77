"""A source made of numbers for benches: grain that moves, a flash and a beep each second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import av
import numpy as np

from allpoints.contribute.source import DeskRow, Moment, Sound, SourceState, SourceStatus
from allpoints.kernel.timeline import SAMPLE_RATE, SAMPLES_PER_TICK, TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef

CYCLE_TICKS = 2 * TICKS_PER_SECOND
FLASH_TICKS = 2


def pattern(width: int, height: int) -> list[Moment]:
    """Two seconds that may be repeated for ever: white and a tone of 1 kHz in the first two ticks of each second."""
    grain = np.random.default_rng(7).integers(-12, 12, (height, width), dtype=np.int16)
    return [Moment(_picture(grain, tick), _sound(tick)) for tick in range(CYCLE_TICKS)]


def _picture(grain: np.ndarray, tick: int) -> av.VideoFrame:
    height, width = grain.shape
    shade = 220 if tick % TICKS_PER_SECOND < FLASH_TICKS else 60
    rolled = np.roll(grain, (tick * 3 % height, tick * 5 % width), axis=(0, 1))
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = (rolled + shade).clip(16, 235)
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _sound(tick: int) -> Sound:
    on = tick % TICKS_PER_SECOND < FLASH_TICKS
    at = (np.arange(SAMPLES_PER_TICK) + tick * SAMPLES_PER_TICK) / SAMPLE_RATE
    wave = (0.4 * on * np.sin(2 * np.pi * 1000 * at)).astype(np.float32)
    return np.stack([wave, wave], axis=1)


@dataclass
class PatternFeed:
    """A feed that is always ready and repeats ``moments``."""

    ref: SourceRef
    moments: Sequence[Moment]
    _pulled: int = 0

    def pull(self) -> Moment | None:
        self._pulled += 1
        return self.moments[(self._pulled - 1) % len(self.moments)]

    def idle_tick(self) -> None:
        pass

    def preview(self) -> av.VideoFrame | None:
        return self.moments[0].picture

    def status(self) -> SourceStatus:
        return SourceStatus(self.ref, SourceState.READY)

    def close(self) -> None:
        pass


@dataclass
class PatternSources:
    """Implements the stage's ``Sources``: every name it is asked for is the same pattern."""

    moments: Sequence[Moment]
    opened: int = field(default=0)

    def open(self, ref: SourceRef, from_ticks: int = 0) -> PatternFeed:
        self.opened += 1
        return PatternFeed(ref, self.moments)

    def rows(self) -> Sequence[DeskRow]:
        return []

    def restart(self, ref: SourceRef) -> None:
        pass
