"""How long after a flash its beep comes, in what was published or recorded."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 48_000
BRIGHT = 140.0
LOUD = 0.1
APART = Fraction(1, 5)


def beeps_after_flashes_ms(
    brightness: Iterable[tuple[Fraction, float]], start: Fraction, sound: NDArray[np.float32]
) -> list[float]:
    """For each flash but the first and the last: when the beep nearest to it begins, in ms after it.

    ``brightness`` is the mean luma of each picture at its second; ``sound`` (n,) at 48 kHz begins at ``start``.
    """
    flashes: list[Fraction] = []
    newest = Fraction(-1)
    for at, luma in brightness:
        if luma > BRIGHT:
            if at - newest > APART:
                flashes.append(at)
            newest = at
    loud = np.nonzero(np.abs(sound) > LOUD)[0]
    beeps = [start + Fraction(int(at), SAMPLE_RATE)
             for at in loud[np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE * APART]]
    if not beeps:
        return []
    return [round(float(min((beep - flash for beep in beeps), key=abs)) * 1000, 1) for flash in flashes[1:-1]]


def file_offsets_ms(path: Path, last_seconds: float) -> list[float]:
    """The same for the end of a file with one picture and one sound track."""
    with av.open(str(path)) as container:
        assert container.duration is not None
        since = container.duration / av.time_base - last_seconds
    brightness: list[tuple[Fraction, float]] = []
    blocks: list[tuple[Fraction, NDArray[np.float32]]] = []
    with av.open(str(path)) as container:
        container.seek(round(max(0.0, since) * av.time_base))
        for frame in container.decode(video=0):
            if frame.pts is not None and frame.time_base is not None:
                luma = np.frombuffer(bytes(frame.planes[0]), np.uint8)
                brightness.append((frame.pts * frame.time_base, float(luma.mean())))
    with av.open(str(path)) as container:
        container.seek(round(max(0.0, since) * av.time_base))
        for block in container.decode(audio=0):
            if block.pts is not None and block.time_base is not None:
                blocks.append((block.pts * block.time_base, block.to_ndarray()[0]))
    start = blocks[0][0]
    sound = np.zeros(round((blocks[-1][0] - start) * SAMPLE_RATE) + len(blocks[-1][1]), np.float32)
    for at, samples in blocks:
        place = round((at - start) * SAMPLE_RATE)
        sound[place:place + len(samples)] = samples
    return beeps_after_flashes_ms(brightness, start, sound)
