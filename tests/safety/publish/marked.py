"""A program with a marker: calm grain and a low tone, in between a magenta picture and a shrill one.

As a process (``python -m tests.safety.publish.marked DATA MEMORY LOW_LATENCY DELAY FROM TO STEP``) it publishes in
real time until it is killed, and tells how many ticks it has published; the marker is on in ticks FROM to TO of the
run. Its wall clock is STEP seconds off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
from tests.stand_ins.programs import moving, picture, tone
from tests.stand_ins.publishing import TIMELINE, publishing
from tests.stand_ins.released import Playlist, open_joined, sound

from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.publish.shelf import next_start_tick
from allpoints.stage.tap import ProgramTick

MARKER_HERTZ = 2500.0
CALM = tuple(moving(number) for number in range(4))
_GRAIN = np.random.default_rng(11).integers(130, 170, (4, HEIGHT, WIDTH), dtype=np.uint8)
MARKER = tuple(picture(luma, 205, 205) for luma in _GRAIN)


def calm(tick: int) -> ProgramTick:
    return ProgramTick(tick, CALM[tick % 4], tone(tick, 300.0, 0.1))


def marker(tick: int) -> ProgramTick:
    return ProgramTick(tick, MARKER[tick % 4], tone(tick, MARKER_HERTZ))


def fading(tick: int) -> ProgramTick:
    """The tick after DUMP: the picture has gone, the sound is going (as the stage cuts)."""
    fade = np.cos(np.linspace(0, np.pi / 2, 1920, dtype=np.float32))[:, None]
    return ProgramTick(tick, CALM[0], tone(tick, MARKER_HERTZ) * fade)


def magenta(playlist: Playlist) -> float:
    """The largest share of magenta in any picture."""
    most = 0.0
    with open_joined(playlist) as container:
        for frame in container.decode(video=0):
            assert isinstance(frame, av.VideoFrame)
            blue, red = (
                np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
                for plane in frame.planes[1:]
            )
            most = max(most, float(((blue > 150) & (red > 150)).mean()))
    return most


def shrillness(playlist: Playlist) -> float:
    """The loudest that the marker's tone is anywhere, full scale 1 (Goertzel's filter on 20 ms, every 10 ms)."""
    _, samples = sound(playlist)
    mono = samples.mean(axis=1)
    window = np.hanning(960) * np.exp(-2j * np.pi * MARKER_HERTZ * np.arange(960) / 48_000)
    blocks = np.lib.stride_tricks.sliding_window_view(mono, 960)[::480]
    return float(np.abs(blocks @ window).max() / 240)


def run(marked: range) -> Iterator[tuple[int, ProgramTick]]:
    """Ticks in real time, from wherever the clock is."""
    clock = SystemClock()
    folders = Folders(Path(sys.argv[1]), Path(sys.argv[2]))
    now = clock.now() + timedelta(seconds=float(sys.argv[7]))
    start = next_start_tick(folders, TIMELINE.tick_at(now) + 1, 0)
    started = clock.monotonic() + min(2.0, max(0.0, (TIMELINE.instant_of(start) - now).total_seconds()))
    yield start, calm(start)
    count = 0
    while True:
        clock.sleep(started + count / 25 - clock.monotonic())
        yield start, (marker if count in marked else calm)(start + count)
        count += 1


def main() -> None:
    folders = Folders(Path(sys.argv[1]), Path(sys.argv[2]))
    marked = range(int(sys.argv[5]), int(sys.argv[6]))
    with publishing(folders, ladder="small", low_latency=sys.argv[3], release_delay=sys.argv[4]) as publisher:
        ticks = run(marked)
        start, _ = next(ticks)
        publisher.run_started(start)
        for _, program in ticks:
            publisher.program(program)
            print(program.tick - start + 1, flush=True)


if __name__ == "__main__":
    main()
