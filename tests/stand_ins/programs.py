"""Programs made of numbers: ticks that a publisher can be fed with, faster than time passes."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from allpoints.contribute.source import HEIGHT, WIDTH, Sound
from allpoints.kernel.timeline import SAMPLES_PER_TICK
from allpoints.stage.tap import ProgramTick

_NOISE = np.random.default_rng(7).integers(-12, 12, (HEIGHT, WIDTH), dtype=np.int16)


def picture(luma: NDArray[np.uint8], u: int = 128, v: int = 128) -> av.VideoFrame:
    """A 1280×720 yuv420p frame from a luma plane and one chroma value each."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    frame.planes[0].update(luma.tobytes())
    for plane, value in ((frame.planes[1], u), (frame.planes[2], v)):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def flat(shade: int, u: int = 128, v: int = 128) -> av.VideoFrame:
    """One colour."""
    return picture(np.full((HEIGHT, WIDTH), shade, np.uint8), u, v)


def moving(tick: int, shade: int = 110) -> av.VideoFrame:
    """Grain that moves, so that an encoder has work to do."""
    rolled = np.roll(_NOISE, (tick * 3 % HEIGHT, tick * 5 % WIDTH), axis=(0, 1))
    return picture((rolled + shade).clip(16, 235).astype(np.uint8))


def tone(tick: int, hertz: float, level: float = 0.3) -> Sound:
    """One tick of a steady tone, in phase with all its other ticks."""
    at = (np.arange(SAMPLES_PER_TICK) + tick * SAMPLES_PER_TICK) / 48_000
    wave = (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
    return np.stack([wave, wave], axis=1)


def flash_and_beep(tick: int) -> ProgramTick:
    """White for two ticks at each full second, with a beep of 1 kHz for as long."""
    on = tick % 25 < 2
    sound = tone(tick, 1000.0) if on else np.zeros((SAMPLES_PER_TICK, 2), np.float32)
    return ProgramTick(tick, flat(235 if on else 40), sound)
