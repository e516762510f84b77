"""A file among the sources that the desk keeps: known before it is needed, free of cost while idle."""

from __future__ import annotations

import os
import select
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import av
import msgspec

from allpoints.contribute.children import Children
from allpoints.contribute.conform import thumbnail_arguments
from allpoints.contribute.convert import conversion_of, fingerprint
from allpoints.contribute.facts import MediaFacts
from allpoints.contribute.feeds.file import FileFeed, Playable
from allpoints.contribute.pictures import SourcePicture, small_jpeg
from allpoints.contribute.probe import probe
from allpoints.contribute.refusals import MediaMissing, MediaRefused
from allpoints.contribute.source import SourceState, SourceStatus
from allpoints.kernel.clock import Clock
from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceSpec

LOOK_EVERY = 2.0
_MOST_JPEG = 1 << 20
_THUMBNAIL_LIMIT = 5.0


class KeptFile:
    """One file source. Files are inspected on the desk's thread; when a file is replaced, it is inspected again."""

    def __init__(
        self, spec: SourceSpec, folders: Folders, children: Children, clock: Clock, card: av.VideoFrame
    ) -> None:
        self.spec = spec
        self._folders = folders
        self._children = children
        self._clock = clock
        self._card = card
        self._path = spec.path or Path()
        self._picture = SourcePicture(folders, spec.ref)
        self._playable: Future[Playable] = Future()
        self._seen: str | None = None
        self._looked_at = float("-inf")
        self._feeds: list[FileFeed] = []

    def open(self, from_ticks: int = 0) -> FileFeed:
        """A new feed from ``from_ticks`` after the file's start; several may play at once."""
        feed = FileFeed(
            self.spec.ref, self._playable, self._children, self._clock, card=self._card, loop=self.spec.loop,
            from_ticks=from_ticks,
        )
        self._feeds = [*(other for other in self._feeds if not other.closed), feed]
        feed.start()
        return feed

    @property
    def cued(self) -> bool:
        """Whether a feed is open."""
        return any(not feed.closed for feed in self._feeds)

    def status(self) -> SourceStatus:
        """That of the newest open feed, else whether the file could be played."""
        for feed in reversed(self._feeds):
            if not feed.closed:
                return feed.status()
        return idle_status(self.spec, self._playable)

    def restart(self) -> None:
        """Look at the file again; feeds that play begin again where they are, refused ones from the start."""
        if self._playable.done():
            self._playable = Future()
        self._seen, self._looked_at = None, float("-inf")
        for feed in self._feeds:
            feed.restart(self._playable)

    def tend(self) -> None:
        """Inspect the file if it is new, and draw its picture. Runs on the desk's thread; may take seconds."""
        now = self._clock.monotonic()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            self._look()
        for feed in reversed(self._feeds):
            if not feed.closed:
                self._picture.draw(feed.preview(), now)
                return

    def close(self) -> None:
        """Close all feeds."""
        for feed in self._feeds:
            feed.close()

    def _look(self) -> None:
        path = self._path
        try:
            converted = conversion_of(path, self._folders)
            path = converted if converted.is_file() else path
            seen = fingerprint(path)
        except MediaMissing as missing:
            self._settle("missing", missing)
            return
        if seen == self._seen:
            return
        try:
            facts = self._facts(path, seen)
        except MediaRefused as refused:
            self._settle(seen, refused)
            return
        self._settle(seen, Playable(path, facts))
        if facts.picture is not None:
            jpeg = self._thumbnail(path, facts)
            self._picture.show(jpeg or small_jpeg(self._card))
        else:
            self._picture.show(small_jpeg(self._card))

    def _settle(self, seen: str, found: Playable | MediaRefused) -> None:
        if seen == self._seen:
            return
        self._seen = seen
        if self._playable.done():
            self._playable = Future()
        if isinstance(found, Playable):
            self._playable.set_result(found)
        else:
            self._playable.set_exception(found)

    def _facts(self, path: Path, seen: str) -> MediaFacts:
        """From the memory folder if this version of the file was inspected before: a restarted stage has no time."""
        kept = self._folders.memory / "facts" / f"{seen}.json"
        try:
            return msgspec.json.decode(kept.read_bytes(), type=MediaFacts)
        except (OSError, msgspec.MsgspecError):
            facts = probe(path, self._clock)
        with suppress(OSError):  # a full memory folder: it is inspected once more after a restart
            kept.parent.mkdir(exist_ok=True, mode=0o700)
            write_atomically(kept, msgspec.json.encode(facts))
        return facts

    def _thumbnail(self, path: Path, facts: MediaFacts) -> bytes:
        child = self._children.run(thumbnail_arguments(path, facts))
        until = self._clock.monotonic() + _THUMBNAIL_LIMIT
        jpeg = b""
        try:
            while len(jpeg) < _MOST_JPEG:
                ready, _, _ = select.select([child.output], [], [], max(0.0, until - self._clock.monotonic()))
                piece = os.read(child.output, 1 << 16) if ready else b""
                if not piece:
                    break
                jpeg += piece
        finally:
            child.end()
            os.close(child.output)
        return jpeg if jpeg.endswith(b"\xff\xd9") else b""


def idle_status(spec: SourceSpec, opened: Future[Playable] | Future[av.VideoFrame]) -> SourceStatus:
    """Idle, or refused with its reason."""
    if not opened.done():
        return SourceStatus(spec.ref, SourceState.IDLE)
    refusal = opened.exception()
    if isinstance(refusal, MediaRefused):
        return SourceStatus(spec.ref, SourceState.REFUSED, refusal.code, dict(refusal.values))
    found = opened.result()
    length = found.facts.duration_ms if isinstance(found, Playable) else None
    return SourceStatus(spec.ref, SourceState.IDLE, remaining_ms=length)
