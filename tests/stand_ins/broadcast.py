"""A stage reduced to its tap, as a process: publishes a turning light and a tone in real time until it is ended.

``python -m tests.stand_ins.broadcast DATA_FOLDER``; everything else comes from the settings' variables.
"""

from __future__ import annotations

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline
from allpoints.publish.publisher import Publisher
from allpoints.publish.shelf import next_start_tick
from allpoints.stage.tap import ProgramTick
from tests.stand_ins.programs import flat, picture, tone

TURN = 50
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def turning_light() -> list[av.VideoFrame]:
    """One turn of a light over the sea, as 2 s of pictures."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    sea = 30 + 50 * (rows / HEIGHT) + 6 * np.sin(columns / 37 + rows / 11)
    angle = np.arctan2(rows - HEIGHT * 0.4, columns - WIDTH * 0.7)
    near = np.hypot(rows - HEIGHT * 0.4, columns - WIDTH * 0.7) < 26
    frames = []
    for step in range(TURN):
        apart = np.abs((angle - step / TURN * 2 * np.pi + np.pi) % (2 * np.pi) - np.pi)
        luma = sea + 120 * np.exp(-((apart / 0.22) ** 2)) + near * 120
        frames.append(picture(luma.clip(16, 235).astype(np.uint8), 138, 122))
    return frames


def main(data: Path) -> None:
    settings, clock, timeline = Settings.read({"data": str(data)}), SystemClock(), Timeline(EPOCH)
    folders = Folders.beneath(settings.data)
    folders.make()
    publisher = Publisher(folders, settings, timeline, clock, flat(40), language="en", on_trouble=print)
    publisher.start()
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    frames = turning_light()
    tick = next_start_tick(folders, timeline.tick_at(clock.now()) + TICKS_PER_SECOND, 0)
    start = clock.monotonic() + (timeline.instant_of(tick) - clock.now()).total_seconds()
    publisher.run_started(tick)
    count = 0
    while not ending.is_set():
        clock.sleep(start + count / TICKS_PER_SECOND - clock.monotonic())
        publisher.program(ProgramTick(tick + count, frames[(tick + count) % TURN], tone(tick + count, 330.0, 0.1)))
        count += 1
    publisher.run_ended()
    publisher.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
