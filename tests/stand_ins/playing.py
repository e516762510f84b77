"""Plays feeds for tests, and measures what they play."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import av
import numpy as np

from allpoints.contribute.source import HEIGHT, WIDTH, Feed, Moment, SourceState
from allpoints.kernel.timeline import SAMPLES_PER_TICK


def wait_for(
    feed: Feed, state: SourceState, within: float = 10.0, while_waiting: Callable[[], None] | None = None
) -> float:
    """Wait until the feed is in that state, its time standing still; the seconds it took."""
    began = time.monotonic()
    while feed.status().state is not state:
        waited = time.monotonic() - began
        assert waited < within, f"still {feed.status()} after {waited:.1f} s"
        if while_waiting:
            while_waiting()
        time.sleep(0.005)
    return time.monotonic() - began


def play_to_the_end(feed: Feed, most_ticks: int = 2000) -> list[Moment]:
    """Everything a file feed has, as fast as it comes."""
    moments: list[Moment] = []
    while feed.status().state is not SourceState.ENDED:
        moment = feed.pull()
        if moment is None:
            assert feed.status().state is not SourceState.REFUSED, feed.status()
            time.sleep(0.002)
            continue
        moments.append(moment)
        assert len(moments) <= most_ticks
    return moments


def play_for(feed: Feed, ticks: int) -> list[Moment | None]:
    """Pull at the pace of the air."""
    played: list[Moment | None] = []
    due = time.monotonic()
    for _ in range(ticks):
        played.append(feed.pull())
        due += 0.04
        time.sleep(max(0.0, due - time.monotonic()))
    return played


def luma(picture: av.VideoFrame, x: int = WIDTH // 2, y: int = HEIGHT // 2) -> int:
    """The brightness of one pixel, 16 to 235."""
    plane = picture.planes[0]
    return int(np.frombuffer(bytes(plane), np.uint8)[y * plane.line_size + x])


def colour(picture: av.VideoFrame, x: int = WIDTH // 2, y: int = HEIGHT // 2) -> tuple[int, int, int]:
    """The Y, Cb and Cr of one pixel."""
    blue, red = (
        int(np.frombuffer(bytes(plane), np.uint8)[y // 2 * plane.line_size + x // 2]) for plane in picture.planes[1:3]
    )
    return luma(picture, x, y), blue, red


def assert_exact_shape(moments: Sequence[Moment]) -> None:
    """Every moment has the one shape of all sources."""
    for moment in moments:
        picture = moment.picture
        assert (picture.width, picture.height, picture.format.name) == (WIDTH, HEIGHT, "yuv420p")
        assert moment.sound.shape == (SAMPLES_PER_TICK, 2)
        assert moment.sound.dtype == np.float32


def sync_errors_ms(moments: Sequence[Moment | None], threshold: float = 0.1) -> list[float]:
    """For each flash after the first tick: how much later its beep begins, in ms."""
    bright = [luma(m.picture) if m else 0 for m in moments]
    quiet = np.zeros((SAMPLES_PER_TICK, 2), np.float32)
    sound = np.concatenate([m.sound if m else quiet for m in moments])[:, 0]
    errors = []
    for tick in range(1, len(bright)):
        if not (bright[tick] > 150 and 0 < bright[tick - 1] < 100):
            continue
        flash = tick * SAMPLES_PER_TICK
        near = np.nonzero(np.abs(sound[max(0, flash - 9600) : flash + 9600]) > threshold)[0]
        assert len(near), f"no beep near the flash of tick {tick}"
        errors.append((int(near[0]) + max(0, flash - 9600) - flash) / 48)
    return errors
