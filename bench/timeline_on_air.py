"""One side of ``bench/long_timeline``: the stage on air on a clock that is moved as fast as the encoders keep up.

Reads lines with the newest segment that was looked at, so that nothing is deleted unseen, and ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline, segment_of
from allpoints.publish.dumps import dumped_until_tick, record_dump
from allpoints.publish.ladder import LADDERS, Ladder
from allpoints.publish.publisher import Publisher
from allpoints.publish.shelf import next_start_tick
from allpoints.schedule.model import SourceRef
from allpoints.stage.journal import Recollection
from allpoints.stage.room import Stage
from allpoints.stage.rundown import Rundown, RundownItem
from bench.pattern import PatternSources, pattern

EPOCH = datetime(2021, 3, 1, 6, tzinfo=UTC)
TINY = (64, 36)
ITEM_SECONDS = 20
MOST_BACKLOG_TICKS = 12
MOST_AHEAD_SEGMENTS = 10


def ladder_of(name: str) -> Ladder:
    """``real``: what serve makes by itself; ``tiny``: the same renditions with pictures that cost nearly nothing."""
    real = LADDERS["large"]
    if name == "real":
        return real
    width, height = TINY
    return replace(real, video=tuple(replace(rung, width=width, height=height, preset="ultrafast")
                                     for rung in real.video))


class EagerClock(ManualClock):
    """Lets time pass for whoever sleeps, but not before the publisher and the reader have kept up."""

    def __init__(self, start: datetime, first_segment: int) -> None:
        super().__init__(start)
        self.publisher: Publisher | None = None
        self.looked_at = first_segment
        self.is_over = False

    def sleep(self, seconds: float) -> None:
        while not self.is_over and self._is_behind():
            time.sleep(0.001)
        super().sleep(seconds)

    def _is_behind(self) -> bool:
        publisher = self.publisher
        assert publisher is not None
        if segment_of(publisher.last_tick) > self.looked_at + MOST_AHEAD_SEGMENTS:
            return True
        return publisher.publication().backlog_ticks > MOST_BACKLOG_TICKS


def end_with_thread(death: threading.ExceptHookArgs) -> None:
    """A stage without one of its threads is none, here as on air."""
    traceback.print_exception(death.exc_value)
    os._exit(1)


def rundown(with_names: bool) -> Rundown:
    """Two items that follow one another for ever, the first with a name over it."""
    return Rundown([
        RundownItem(f"item-{number}", "Watch", f"Light {number}", SourceRef(f"light-{number}"),
                    ITEM_SECONDS * TICKS_PER_SECOND, ("Ines Farol", "Keeper") if with_names and number == 1 else None)
        for number in (1, 2)
    ], loops=True)


def main() -> None:
    """Arguments: the data folder, ``real`` or ``tiny``, where on the timeline to begin (seconds), the settings."""
    data, size, begins = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    settings = Settings.read({"data": str(data), **json.loads(sys.argv[4])}, {})
    folders = Folders.beneath(settings.data)
    folders.make()
    moments = pattern(*(TINY if size == "tiny" else (1280, 720)))
    slate: av.VideoFrame = moments[5].picture
    clock, timeline = EagerClock(EPOCH + timedelta(seconds=begins), int(begins) // 2), Timeline(EPOCH)
    troubles: list[str] = []
    publisher = clock.publisher = Publisher(
        folders, settings, timeline, clock, slate, language="en", ladder=ladder_of(size), on_trouble=troubles.append
    )

    def starts_at(wall: int, memory: Recollection) -> int:
        return next_start_tick(folders, wall, memory.reserved_until)

    def on_dump(tick: int) -> None:
        record_dump(folders, tick)

    sources = PatternSources(moments)
    stage = Stage(
        folders=folders, clock=clock, timeline=timeline, rundown=rundown(with_names=size == "real"), sources=sources,
        slate_picture=slate, loss_grace=settings.loss_grace, taps=[publisher], starts_at=starts_at,
        publication=publisher.publication, on_dump=on_dump,
        dumped_until_tick=lambda: dumped_until_tick(folders), auto_next=True, on_trouble=troubles.append,
    )
    threading.excepthook = end_with_thread
    publisher.start()
    stage.start()
    print("on air", flush=True)
    ending = threading.Event()

    def listen() -> None:
        for line in sys.stdin:
            clock.looked_at = int(line)
        ending.set()

    threading.Thread(target=listen, daemon=True).start()
    ending.wait()
    told = {"takes": sources.opened, "troubles": list(troubles), "holes": publisher.publication().holes}
    clock.is_over = True  # what it hurries through now is neither looked at nor told
    stage.stop()
    publisher.stop()
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
