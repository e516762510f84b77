"""Stand-ins for the stage's neighbours: sources that do as they are told, and a tap that remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import av
import numpy as np

from allpoints.contribute.source import DeskRow, Moment, SourceState, SourceStatus
from allpoints.schedule.model import SourceRef
from allpoints.stage.tap import ProgramTick


def plain_picture(shade: int) -> av.VideoFrame:
    """A 1280×720 yuv420p picture of one grey, which ``shade_of`` reads back."""
    frame = av.VideoFrame(1280, 720, "yuv420p")
    for plane, value in zip(frame.planes, (shade, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def shade_of(picture: av.VideoFrame) -> int:
    return bytes(picture.planes[0])[0]


@dataclass
class TestFeed:
    """A feed whose state and pictures the test sets. A steady tone of ``tone`` Hz is its sound."""

    __test__ = False

    ref: SourceRef
    shade: int
    tone: float = 440.0
    state: SourceState = SourceState.READY
    lasts: int | None = None
    pulled: int = 0
    idled: int = 0
    closed: bool = False
    raises: bool = False
    opened_at: int = 0

    def pull(self) -> Moment | None:
        if self.raises:
            raise RuntimeError("a faulty feed")
        if self.state is not SourceState.READY:
            return None
        if self.lasts is not None and self.pulled >= self.lasts:
            self.state = SourceState.ENDED
            return None
        at = np.arange(self.pulled * 1920, (self.pulled + 1) * 1920, dtype=np.float64) / 48_000
        wave = (0.5 * np.sin(2 * np.pi * self.tone * at)).astype(np.float32)
        self.pulled += 1
        return Moment(plain_picture(self.shade), np.stack([wave, wave], axis=1))

    def idle_tick(self) -> None:
        self.idled += 1

    def preview(self) -> av.VideoFrame | None:
        return plain_picture(self.shade)

    def status(self) -> SourceStatus:
        return SourceStatus(self.ref, self.state)

    def close(self) -> None:
        self.closed = True


@dataclass
class TestSources:
    """Sources by shade: each ``open`` gives a new feed and keeps it for the test to steer."""

    __test__ = False

    shades: dict[str, int]
    first_state: SourceState = SourceState.READY
    lasts: int | None = None
    feeds: list[TestFeed] = field(default_factory=list)
    restarted: list[str] = field(default_factory=list)
    kind: str = "rtmp"

    def open(self, ref: SourceRef, from_ticks: int = 0) -> TestFeed:
        feed = TestFeed(
            ref, self.shades[ref], 300.0 + self.shades[ref], self.first_state, self.lasts, pulled=from_ticks,
            opened_at=from_ticks,
        )
        self.feeds.append(feed)
        return feed

    def rows(self) -> Sequence[DeskRow]:
        return [DeskRow(ref, self.kind, SourceStatus(SourceRef(ref), SourceState.IDLE)) for ref in self.shades]

    def restart(self, ref: SourceRef) -> None:
        self.restarted.append(ref)

    def newest(self, ref: str) -> TestFeed:
        return [feed for feed in self.feeds if feed.ref == ref][-1]


@dataclass
class RememberingTap:
    """Keeps the shade and the sound of every tick."""

    runs: list[int] = field(default_factory=list)
    ticks: list[int] = field(default_factory=list)
    shades: list[int] = field(default_factory=list)
    sound: list[np.ndarray] = field(default_factory=list)

    def run_started(self, tick: int) -> None:
        self.runs.append(tick)

    def program(self, program: ProgramTick) -> None:
        self.ticks.append(program.tick)
        self.shades.append(shade_of(program.picture))
        self.sound.append(program.sound)

    def run_ended(self) -> None:
        pass
