"""A still picture among the sources that the desk keeps."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import av

from allpoints.contribute.children import Children
from allpoints.contribute.convert import fingerprint
from allpoints.contribute.feeds.still import StillFeed
from allpoints.contribute.kept_file import LOOK_EVERY, idle_status
from allpoints.contribute.pictures import SourcePicture, small_jpeg
from allpoints.contribute.refusals import MediaMissing, MediaRefused
from allpoints.contribute.source import SourceStatus
from allpoints.contribute.still import load_still
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceSpec


class KeptStill:
    """One still source: decoded once, for all its feeds."""

    def __init__(self, spec: SourceSpec, folders: Folders, children: Children, clock: Clock) -> None:
        self.spec = spec
        self._children = children
        self._clock = clock
        self._path = spec.path or Path()
        self._picture = SourcePicture(folders, spec.ref)
        self._decoded: Future[av.VideoFrame] = Future()
        self._seen: str | None = None
        self._looked_at = float("-inf")
        self._feeds: list[StillFeed] = []

    def open(self, _: int = 0) -> StillFeed:
        """A new feed."""
        feed = StillFeed(self.spec.ref, self._decoded)
        self._feeds = [*(other for other in self._feeds if not other.closed), feed]
        return feed

    @property
    def cued(self) -> bool:
        """Whether a feed is open."""
        return any(not feed.closed for feed in self._feeds)

    def status(self) -> SourceStatus:
        """That of the newest open feed, else whether the picture could be decoded."""
        for feed in reversed(self._feeds):
            if not feed.closed:
                return feed.status()
        return idle_status(self.spec, self._decoded)

    def restart(self) -> None:
        """Read the file again, for feeds to come."""
        self._seen, self._looked_at = None, float("-inf")

    def tend(self) -> None:
        """Decode the file if it is new."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        try:
            seen = fingerprint(self._path)
        except MediaMissing:
            seen = "missing"
        if seen == self._seen:
            return
        self._seen = seen
        if self._decoded.done():
            self._decoded = Future()
        try:
            picture = load_still(self._path, self._children)
        except MediaRefused as refused:
            self._decoded.set_exception(refused)
            return
        self._decoded.set_result(picture)
        self._picture.show(small_jpeg(picture))

    def close(self) -> None:
        """Close all feeds."""
        for feed in self._feeds:
            feed.close()
