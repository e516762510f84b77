"""A releaser whose units are words instead of media, and whose program clock is the test's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import Timeline
from allpoints.publish.encoders import Prepared
from allpoints.publish.fragments import Sample
from allpoints.publish.ladder import MONO, OPUS, STEREO, Ladder, Slot, UnitName, VideoRung
from allpoints.publish.releaser import Releaser

TIMELINE = Timeline(datetime(2031, 3, 1, 6, tzinfo=UTC))
PICTURE = VideoRung("v144", 256, 144, 2, 90_000, "veryfast", "a32")
LADDER = Ladder("words", (PICTURE,), (STEREO, MONO, OPUS))
SLATE, PROGRAM = b"\0\0\0\5eSLATE", b"PROGRAM"


def prepared() -> dict[str, Prepared]:
    slate: dict[str, tuple[Sample, ...]] = {rung.name: (Sample(0, SLATE),) for rung in LADDER.audio}
    slate[PICTURE.name] = tuple(Sample(tick, SLATE) for tick in range(0, 50, 2))
    return {name: Prepared(b"init of " + name.encode(), "codec", samples) for name, samples in slate.items()}


@contextmanager
def releasing(
    folders: Folders, *, delay: int = 0, low_latency: bool = False, retention: int = 30,
    generation: int = 1, troubles: list[str] | None = None, on_dump_elsewhere: Callable[[], None] = lambda: None,
) -> Iterator[Releaser]:
    """``delay`` in ticks, ``retention`` in segments."""
    troubles = [] if troubles is None else troubles
    folders.make()
    releaser = Releaser(
        folders, LADDER, prepared(), TIMELINE, generation=generation, language="en", delay_ticks=delay,
        low_latency=low_latency, retention_segments=retention, on_release=lambda *_: None, on_trouble=troubles.append,
        on_dump_elsewhere=on_dump_elsewhere,
    )
    releaser.start()
    try:
        yield releaser
    finally:
        releaser.stop()


def finish(releaser: Releaser, segment: int, parts: range | None = None) -> None:
    """Deliver a segment of every rendition, in parts where the rendition has them and ``parts`` says which."""
    for rung in LADDER.rungs:
        for part in [None] if parts is None or not rung.has_parts else parts:
            slot = Slot(segment, part)
            releaser.finished(rung, slot, PROGRAM + UnitName(slot, 1).file_name.encode())


def eventually(fact: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait until ``fact`` holds; fails the test if it does not come true."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.005)


def said_by(folders: Folders, shelf: str) -> dict[str, bool]:
    """Each media file on ``public`` or ``held``: whether it is program."""
    said = {}
    for path in (folders.memory / shelf).glob("*/*.m4s"):
        with suppress(FileNotFoundError):  # moved or forgotten meanwhile
            said[f"{path.parent.name}/{path.name}"] = PROGRAM in path.read_bytes()
    return said
