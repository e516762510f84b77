"""A still picture: decoded once, endless, silent."""

from __future__ import annotations

from concurrent.futures import Future

import av
import numpy as np

from allpoints.contribute.source import Moment, SourceState, SourceStatus
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.timeline import SAMPLES_PER_TICK
from allpoints.schedule.model import SourceRef


class StillFeed:
    """The same picture for every tick. No child is kept alive for it."""

    def __init__(self, ref: SourceRef, picture: Future[av.VideoFrame]) -> None:
        self._ref = ref
        self._picture = picture
        self.closed = False

    def pull(self) -> Moment | None:
        """The picture and silence; None until it is decoded."""
        picture = self.preview()
        return None if picture is None else Moment(picture, np.zeros((SAMPLES_PER_TICK, 2), np.float32))

    def idle_tick(self) -> None:
        """Nothing: a still has no time."""

    def preview(self) -> av.VideoFrame | None:
        """The picture, once it is decoded."""
        if self.closed or not self._picture.done() or self._picture.exception() is not None:
            return None
        return self._picture.result()

    def status(self) -> SourceStatus:
        """Opening, ready or refused."""
        if not self._picture.done():
            return SourceStatus(self._ref, SourceState.OPENING)
        refusal = self._picture.exception()
        if isinstance(refusal, AllpointsError):
            return SourceStatus(self._ref, SourceState.REFUSED, refusal.code, dict(refusal.values))
        return SourceStatus(self._ref, SourceState.READY)

    def restart(self) -> None:
        """Nothing: the desk reads the file again for feeds to come."""

    def close(self) -> None:
        """Let the picture go."""
        self.closed = True
