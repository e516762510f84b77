"""Sources that always have a frame: the only kind that the program bus accepts."""

from __future__ import annotations

from abc import ABC, abstractmethod

import av
import numpy as np

from allpoints.contribute.source import Feed, Moment, Sound, SourceState, SourceStatus
from allpoints.kernel.timeline import SAMPLE_RATE, SAMPLES_PER_TICK, TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef


def silence() -> Sound:
    """One tick of nothing."""
    return np.zeros((SAMPLES_PER_TICK, 2), np.float32)


class InfallibleSource(ABC):
    """A source whose ``render`` always answers, at once, and never raises. Nominal on purpose: a ``Feed`` is none."""

    @abstractmethod
    def render(self) -> Moment:
        """The next tick's moment."""

    @property
    @abstractmethod
    def spent(self) -> bool:
        """True once it has only stand-in pictures left: its feed ended or was lost for longer than its grace."""


class Slate(InfallibleSource):
    """The holding picture, drawn at start and kept in memory. Its sound is silence."""

    def __init__(self, picture: av.VideoFrame) -> None:
        self.picture = picture
        self._moment = Moment(picture, silence())

    def render(self) -> Moment:
        return self._moment

    @property
    def spent(self) -> bool:
        return False


class SlateFeed:
    """The slate as a source that a rundown may name: ready at once and for ever."""

    def __init__(self, slate: Slate, ref: SourceRef) -> None:
        self._slate = slate
        self._status = SourceStatus(ref, SourceState.READY)

    def pull(self) -> Moment | None:
        return self._slate.render()

    def idle_tick(self) -> None:
        pass

    def preview(self) -> av.VideoFrame | None:
        return self._slate.picture

    def status(self) -> SourceStatus:
        return self._status

    def close(self) -> None:
        pass


_TAIL = np.exp(-np.arange(SAMPLES_PER_TICK, dtype=np.float32) / (SAMPLE_RATE * 0.004))[:, None]
_RISE = np.linspace(0.0, 1.0, SAMPLES_PER_TICK // 8, dtype=np.float32)[:, None]


class Guarded(InfallibleSource):
    """A feed made infallible: what it fails to deliver is a held picture and a soft tail of sound.

    After ``grace`` seconds without a picture, or at a file's end, it is ``spent`` and the director leaves it.
    Sound that stops is let decay from its last sample within some milliseconds, and sound that comes back is faded
    in, so that a gap never clicks.
    """

    def __init__(self, feed: Feed, slate: av.VideoFrame, grace: float) -> None:
        self.feed = feed
        self.delivered = 0
        self.missing = 0
        self._grace_ticks = round(grace * TICKS_PER_SECOND)
        self._picture = slate
        self._last_sample = np.zeros(2, np.float32)

    def render(self) -> Moment:
        try:
            moment = self.feed.pull()
        except Exception:  # the bus accepts no excuse: a faulty feed is a feed that has nothing
            moment = None
        if moment is None:
            sound = _TAIL * self._last_sample
            self._last_sample = np.zeros(2, np.float32)
            self.missing += 1
            return Moment(self._picture, sound)
        sound = moment.sound
        if self.missing and self.delivered:
            sound = sound.copy()
            sound[: len(_RISE)] *= _RISE
        self.delivered += 1
        self.missing = 0
        self._picture = moment.picture
        self._last_sample = sound[-1]
        return Moment(moment.picture, sound)

    @property
    def spent(self) -> bool:
        if not self.missing:
            return False
        return self.missing > self._grace_ticks or self.feed.status().state is SourceState.ENDED
