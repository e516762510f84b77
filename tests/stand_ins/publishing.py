"""A publisher for tests, fed as fast as its encoders take it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import Timeline
from allpoints.publish.ladder import Slot, UnitName
from allpoints.publish.publisher import Publisher
from allpoints.stage.tap import ProgramTick
from tests.stand_ins.programs import flat

TIMELINE = Timeline(datetime(2021, 3, 1, 6, tzinfo=UTC))


@contextmanager
def publishing(
    folders: Folders, troubles: list[str] | None = None, *, clock: Clock | None = None, **given: str
) -> Iterator[Publisher]:
    """A started publisher with these settings; ``troubles`` collects what it tells the crew."""
    troubles = [] if troubles is None else troubles
    settings = Settings.read(given, {})
    publisher = Publisher(
        folders, settings, TIMELINE, clock or SystemClock(), flat(60), language="en", on_trouble=troubles.append
    )
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop()


def feed(publisher: Publisher, programs: Iterable[ProgramTick]) -> None:
    """Hand over ticks, and wait whenever an encoder has more than ten of them before it."""
    for program in programs:
        publisher.program(program)
        while max(worker._work.qsize() for worker in publisher._workers) > 10:
            time.sleep(0.002)


def public_slots(folders: Folders, name: str) -> set[Slot]:
    """The units of a rendition that anybody may fetch."""
    return {unit.slot for path in (folders.public / name).glob("*.m4s") if (unit := UnitName.read(path.name))}
