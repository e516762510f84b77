"""The desk that has all sources of the gathering."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import av

from allpoints.contribute.children import Children
from allpoints.contribute.feeds.still import StillFeed
from allpoints.contribute.ingest_status import read_status
from allpoints.contribute.kept_file import KeptFile
from allpoints.contribute.kept_live import KeptLive
from allpoints.contribute.kept_still import KeptStill
from allpoints.contribute.pictures import plain_card
from allpoints.contribute.source import DeskRow, Feed
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceKind, SourceRef, SourceSpec

ROUND_EVERY = 0.2
STATUS_EVERY = 1.0

Kept = KeptFile | KeptStill | KeptLive


class UnknownSource(AllpointsError):
    """A source that the gathering does not name."""

    code = "unknown_source"
    status = 404
    for_people = "There is no source “{ref}”. Reload the page and choose another."


class SourceDesk:
    """Opens feeds, keeps the idle sources' pictures and levels fresh, and knows how each source is.

    ``card`` is shown with sound that has no picture. No call blocks: children start on their owner's thread, files
    are inspected on the desk's own, the cued ones first.
    """

    def __init__(
        self, specs: Sequence[SourceSpec], folders: Folders, clock: Clock, card: av.VideoFrame | None = None
    ) -> None:
        self._folders = folders
        self._clock = clock
        self._children = Children(clock)
        card = card or plain_card()
        self._kept = {spec.ref: self._keep(spec, card) for spec in specs}
        self._status_read_at = float("-inf")
        self._trouble: dict[SourceRef, str] = {}
        self._closing = threading.Event()
        self._nudged = threading.Event()
        self._thread = threading.Thread(target=self._run, name="source desk", daemon=True)

    def start(self) -> None:
        """Begin: files are inspected, live sources watched."""
        self._children.start()
        for kept in self._kept.values():
            if isinstance(kept, KeptLive):
                kept.start()
        self._thread.start()

    def close(self) -> None:
        """End all feeds and children."""
        self._closing.set()
        self._nudged.set()
        for kept in self._kept.values():
            kept.close()
        self._children.close()
        self._thread.join(5.0)

    def open(self, ref: SourceRef, from_ticks: int = 0) -> Feed:
        """A new feed of that source, decoding from now on; closing it gives the decoder back.

        A file begins ``from_ticks`` after its start; a still and a live source have no start.

        Raises UnknownSource.
        """
        feed: Feed = self._find(ref).open(from_ticks)
        if not isinstance(feed, StillFeed):
            self._nudged.set()
        return feed

    def rows(self) -> Sequence[DeskRow]:
        """Every source, in the gathering's order."""
        return [
            DeskRow(next(iter(kept.spec.name.texts.values())), kept.spec.kind.value, kept.status())
            for kept in self._kept.values()
        ]

    def restart(self, ref: SourceRef) -> None:
        """End and reopen that source's children, feeds on air included. Raises UnknownSource."""
        self._find(ref).restart()
        self._nudged.set()

    def _find(self, ref: SourceRef) -> Kept:
        try:
            return self._kept[ref]
        except KeyError:
            raise UnknownSource(ref=ref) from None

    def _keep(self, spec: SourceSpec, card: av.VideoFrame) -> Kept:
        match spec.kind:
            case SourceKind.FILE:
                return KeptFile(spec, self._folders, self._children, self._clock, card)
            case SourceKind.STILL:
                return KeptStill(spec, self._folders, self._children, self._clock)
            case SourceKind.RTMP:
                return KeptLive(spec, self._folders, self._children, self._clock, card)

    def _run(self) -> None:
        while not self._closing.is_set():
            for kept in sorted(self._kept.values(), key=lambda kept: not kept.cued):
                if self._closing.is_set():
                    return
                try:
                    kept.tend()
                except (OSError, RuntimeError, av.FFmpegError):
                    continue  # a full memory folder or no process to be had: tried again with the next round
                if self._nudged.is_set() and not kept.cued:
                    break  # somebody cued a source meanwhile: it comes first
            self._read_ingest()
            self._nudged.wait(ROUND_EVERY)
            self._nudged.clear()

    def _read_ingest(self) -> None:
        now = self._clock.monotonic()
        if now - self._status_read_at < STATUS_EVERY:
            return
        self._status_read_at = now
        status = read_status(self._folders)
        for ref, kept in self._kept.items():
            if isinstance(kept, KeptLive):
                kept.publisher = status.publishers.get(ref) if status else None
