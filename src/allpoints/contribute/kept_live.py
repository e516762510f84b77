"""A live publisher among the sources that the desk keeps: watched cheaply until it is cued."""

from __future__ import annotations

import threading

import av

from allpoints.contribute.children import Child, Children
from allpoints.contribute.conform import idle_live_arguments
from allpoints.contribute.demux import Heard, Snapshot
from allpoints.contribute.feeds.live import LiveFeed, connect
from allpoints.contribute.feeds.sound import QUIET_DB, level_db
from allpoints.contribute.ingest_status import Publisher, live_socket
from allpoints.contribute.pictures import PICTURE_EVERY, SourcePicture
from allpoints.contribute.source import SourceState, SourceStatus
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceSpec

LOOK_EVERY = 0.5
_SILENCE = (QUIET_DB, QUIET_DB)


class KeptLive:
    """One live source. While somebody publishes and nobody has cued it, a small child gives pictures and levels."""

    def __init__(
        self, spec: SourceSpec, folders: Folders, children: Children, clock: Clock, card: av.VideoFrame
    ) -> None:
        self.spec = spec
        self.publisher: Publisher | None = None
        self._at = live_socket(folders, spec.ref)
        self._children = children
        self._clock = clock
        self._card = card
        self._picture = SourcePicture(folders, spec.ref)
        self._feeds: list[LiveFeed] = []
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._publishing = False
        self._log = ""
        self._level = _SILENCE
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"watch {spec.ref}", daemon=True)

    def start(self) -> None:
        """Begin to watch for the publisher."""
        self._thread.start()

    def open(self, _: int = 0) -> LiveFeed:
        """A new feed; the small child ends."""
        feed = LiveFeed(self.spec.ref, self._at, self._children, self._clock, card=self._card)
        with self._lock:
            self._feeds = [*(other for other in self._feeds if not other.closed), feed]
            self._end_watching()
        feed.start()
        return feed

    @property
    def cued(self) -> bool:
        """Whether a feed is open."""
        return any(not feed.closed for feed in self._feeds)

    def status(self) -> SourceStatus:
        """That of the newest open feed, else what the small child sees; ``kbit_s`` and ``jumps`` from the ingest."""
        values: dict[str, str | int | float] = {}
        if self.publisher is not None:
            values = {"kbit_s": self.publisher.kbit_s, "jumps": self.publisher.jumps}
        for feed in reversed(self._feeds):
            if not feed.closed:
                told = feed.status()
                return SourceStatus(told.ref, told.state, told.code, values, told.log, told.level_db)
        state = SourceState.IDLE if self._publishing else SourceState.WAITING
        return SourceStatus(self.spec.ref, state, values=values, log=self._log, level_db=self._level)

    def restart(self) -> None:
        """End its children; they start again by themselves."""
        with self._lock:
            self._end_watching()
        for feed in self._feeds:
            feed.restart()

    def tend(self) -> None:
        """Draw its picture while it is cued."""
        for feed in reversed(self._feeds):
            if not feed.closed:
                self._picture.draw(feed.preview(), self._clock.monotonic())
                return

    def close(self) -> None:
        """Close all feeds and stop watching."""
        self._closing.set()
        self.restart()
        for feed in self._feeds:
            feed.close()

    def _end_watching(self) -> None:
        if self._child is not None:
            self._child.end()

    def _watch(self) -> None:
        while not self._closing.is_set():
            connection = None if self.cued else connect(self._at)
            if connection is None:
                self._closing.wait(LOOK_EVERY)
                continue
            try:
                with connection:
                    child = self._children.run(idle_live_arguments(), connection.fileno())
            except (OSError, RuntimeError) as error:
                self._log = str(error)
                self._closing.wait(5.0)
                continue
            self._watch_one(child)
            self._closing.wait(LOOK_EVERY)

    def _watch_one(self, child: Child) -> None:
        with self._lock:
            self._child = child
            if self.cued or self._closing.is_set():
                child.end()
        self._publishing = True
        drawn_at = float("-inf")
        for piece in child.pieces():
            if isinstance(piece, Heard) and len(piece.sound):
                self._level = level_db(piece.sound)
            elif isinstance(piece, Snapshot) and self._clock.monotonic() - drawn_at >= PICTURE_EVERY:
                drawn_at = self._clock.monotonic()
                self._show(piece.jpeg)
        child.end()
        self._publishing, self._level = False, _SILENCE
        self._log = child.log or self._log

    def _show(self, jpeg: bytes) -> None:
        try:
            self._picture.show(jpeg)
        except OSError as error:  # the memory folder is full: the crew misses a picture, nothing else
            self._log = str(error)
