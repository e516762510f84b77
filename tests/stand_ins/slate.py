"""A publisher without encoders, as a process: slate, encoded once, goes out in real time and takes no processor.

``python -m tests.stand_ins.slate DATA_FOLDER``; everything else comes from the settings' variables.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT, Timeline, first_tick_of, segment_of
from allpoints.publish.encoders import prepare
from allpoints.publish.ladder import LADDERS, Slot
from allpoints.publish.releaser import Releaser
from allpoints.publish.shelf import next_start_tick
from allpoints.publish.units import slate_unit
from tests.stand_ins.broadcast import EPOCH, turning_light


def main(data: Path) -> None:
    settings, clock, timeline = Settings.read({"data": str(data)}), SystemClock(), Timeline(EPOCH)
    folders, ladder = Folders.beneath(settings.data), LADDERS[settings.ladder]
    folders.make()
    light = turning_light()[0]
    prepared = {rung.name: prepare(rung, light) for rung in ladder.rungs}
    releaser = Releaser(
        folders, ladder, prepared, timeline, generation=1, language="en", delay_ticks=0, low_latency=False,
        retention_segments=settings.retention * TICKS_PER_SECOND // TICKS_PER_SEGMENT,
        on_release=lambda *_: None, on_trouble=print, on_dump_elsewhere=lambda: None,
    )
    releaser.start()
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    segment = segment_of(next_start_tick(folders, timeline.tick_at(clock.now()), 0))
    releaser.run_started(segment)
    while not ending.is_set():
        clock.sleep((timeline.instant_of(first_tick_of(segment + 1)) - clock.now()).total_seconds())
        releaser.now_tick = first_tick_of(segment + 1)
        for rung in ladder.rungs:
            slot = Slot(segment)
            releaser.finished(rung, slot, slate_unit(rung, prepared[rung.name], slot))
        segment += 1
    releaser.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
