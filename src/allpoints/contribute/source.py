"""What every source looks like to the stage, whatever it is made of."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from allpoints.schedule.model import SourceRef

WIDTH, HEIGHT = 1280, 720
"""Every picture of a source: yuv420p, BT.709 limited range, square pixels, progressive."""

Sound = NDArray[np.float32]
"""Sound of one tick: float32, shape (1920, 2), 48 kHz, full scale ±1."""

class SourceState(enum.StrEnum):
    """What a source is doing; the words of the control page."""

    IDLE = "idle"  # not decoding; costs a thumbnail and meters
    OPENING = "opening"  # cued, its first frame not decoded yet
    READY = "ready"  # cued, first frame decoded: a take airs it on the next tick
    WAITING = "waiting"  # a live source nobody publishes to
    LOST = "lost"  # was live or playing and stopped sending
    ENDED = "ended"  # a file played to its end
    REFUSED = "refused"  # cannot be aired as it is; ``SourceStatus.code`` says why


@dataclass(frozen=True)
class SourceStatus:
    """What the control page shows of one source. ``code`` is an error code (``AllpointsError.code``) or empty."""

    ref: SourceRef
    state: SourceState
    code: str = ""
    values: Mapping[str, str | int | float] = field(default_factory=dict)
    log: str = ""
    level_db: tuple[float, float] = (-120.0, -120.0)
    remaining_ms: int | None = None


@dataclass(frozen=True)
class DeskRow:
    """One source of the gathering: what it is called, what it is made of, how it is."""

    name: str
    kind: str
    status: SourceStatus


@dataclass(frozen=True, slots=True)
class Moment:
    """One tick of a source: its picture (shared, never mutated) and its sound."""

    picture: av.VideoFrame
    sound: Sound


class Feed(Protocol):
    """A cued source, decoding. Fallible: ``pull`` answers None whenever it has nothing for this tick."""

    def pull(self) -> Moment | None:
        """The next tick's moment; never blocks, never raises. Each call moves the source's time on by one tick."""

    def idle_tick(self) -> None:
        """Called each tick while cued but off air: a live feed drops what it would otherwise pile up."""

    def preview(self) -> av.VideoFrame | None:
        """The picture a take would show first; None while opening."""

    def status(self) -> SourceStatus:
        """State, last log line and level."""

    def close(self) -> None:
        """Stop decoding and end the child; returns without waiting for it."""
