"""Records one live source as it comes in from the ingest, whether or not it is on air."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from allpoints.contribute.feeds.live import connect
from allpoints.contribute.ingest_status import live_socket, read_status
from allpoints.contribute.recording.cutter import Cutter, Tag, TagReader
from allpoints.contribute.recording.pieces import look_into, mend, moment_of_name, piece_name, sources_folder
from allpoints.contribute.recording.track import Track
from allpoints.contribute.rtmp.flv import Role
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef

LOOK_EVERY = 0.5
SETTLING = 0.3
"""Seconds to read before the first piece begins: who joins gets what has been since the last key picture at once, and
only what follows it tells how old that is."""

RISE = 0.05
"""Seconds by which a stream's clock may be found slow from one piece to the next (half a per cent). More than that is
no slow clock: we are late."""

SYNC_EVERY = 2.0
RETRY_AFTER = 2.0
HOLE_TO_TELL = timedelta(seconds=1.5)

Covers = Callable[[int, int], bool]
"""Whether a dump that also erases sources covers something from one tick to another."""


class Arrival:
    """When what is stamped with a stream's own time was new, on the monotonic clock: never too late."""

    def __init__(self) -> None:
        self._origin = self._recent = float("inf")

    def came(self, at_ms: int, now: float) -> None:
        """Something stamped ``at_ms`` arrived."""
        self._recent = min(self._recent, now - at_ms / 1000)

    def settle(self) -> None:
        """At the beginning of each piece: learn from what arrived since the last."""
        if self._recent < float("inf"):
            self._origin, self._recent = min(self._recent, self._origin + RISE), float("inf")

    def when(self, at_ms: int) -> float:
        """The moment at which ``at_ms`` was new."""
        return min(self._origin, self._recent) + at_ms / 1000


class _PieceFile:
    """The piece being written. What a write leaves undone is taken back, so that it always ends with a whole tag."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._size = 0
        self._synced_at = clock.monotonic()

    @property
    def is_erased(self) -> bool:
        return os.fstat(self._descriptor).st_nlink == 0

    def write(self, content: bytes) -> None:
        """Append; raises OSError, and then nothing of it is there."""
        view = memoryview(content)
        try:
            while view:
                view = view[os.write(self._descriptor, view):]
            if self._clock.monotonic() - self._synced_at > SYNC_EVERY:
                self._synced_at = self._clock.monotonic()
                os.fdatasync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(content)

    def close(self) -> None:
        try:
            with contextlib.suppress(OSError):
                os.fdatasync(self._descriptor)
        finally:
            os.close(self._descriptor)
        if self._size == 0:
            self.path.unlink(missing_ok=True)


class SourceRecorder:
    """One thread for one source. ``tick_now`` is the program's tick, ``moment_of`` its instant: what is told and how
    pieces are named goes by these, so that a wall clock that is set makes no hole where there is none."""

    def __init__(
        self, ref: SourceRef, folders: Folders, track: Track, clock: Clock, *,
        tick_now: Callable[[], int], moment_of: Callable[[int], datetime], covers: Covers,
    ) -> None:
        self.track = track
        self._ref = ref
        self._folders = folders
        self._folder = sources_folder(folders) / ref
        self._clock = clock
        self._tick_now = tick_now
        self._moment_of = moment_of
        self._covers = covers
        self._piece: _PieceFile | None = None
        self._last_tick = -1
        self._recorded_until: datetime | None = None
        self._began_at: datetime | None = None
        self._dumped_since: datetime | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"record {ref}", daemon=True)

    def start(self) -> None:
        """Record whenever somebody publishes."""
        self._thread.start()

    def stop(self) -> None:
        """Close the piece and end."""
        self._closing.set()
        self._thread.join(3.0)

    def _now(self) -> datetime:
        return self._moment_of(self._tick_now())

    def _run(self) -> None:
        is_adopted = False
        while not self._closing.is_set():
            try:
                if not is_adopted:
                    self._adopt()
                    is_adopted = True
                connection = connect(live_socket(self._folders, self._ref))
                if connection is not None:
                    with connection:
                        if self.track.has_room(self._now()):
                            self._record(connection)
            except OSError as trouble:
                self._end_piece()
                self.track.stop(self._now(), trouble)
                self._closing.wait(RETRY_AFTER)
            finally:
                self._end_piece()
            self._closing.wait(LOOK_EVERY)

    def _adopt(self) -> None:
        """What a predecessor left: the last piece may be torn."""
        self._folder.mkdir(parents=True, exist_ok=True)
        paths = [path for path in self._folder.glob("*.flv") if moment_of_name(path.name)]
        if paths:
            last = max(paths, key=lambda path: path.name)
            mend(last)
            piece = look_into(last) if last.exists() else None
            self._recorded_until = piece.ended_at if piece else None

    def _record(self, connection: socket.socket) -> None:
        """Until the publisher goes, the disk is short or the recorder ends. Raises OSError of the disk."""
        reader, cutter, arrival = TagReader(), Cutter(), Arrival()
        waiting: list[Tag] = []
        connection.settimeout(LOOK_EVERY)
        settled_at = self._clock.monotonic() + SETTLING
        while not self._closing.is_set():
            try:
                received = connection.recv(1 << 18)
            except TimeoutError:
                continue
            except OSError:
                return
            if not received:
                return
            now = self._clock.monotonic()
            for each in reader.feed(received):
                waiting.append(each)
                if each.role is not Role.HEADER:
                    arrival.came(each.at, now)
            if now < settled_at:
                continue
            if not self.track.has_room(self._now()):
                return
            self._write(waiting, reader, cutter, arrival)
            waiting.clear()

    def _write(self, tags: list[Tag], reader: TagReader, cutter: Cutter, arrival: Arrival) -> None:
        together = bytearray()
        for each in tags:
            if each.role is not Role.HEADER and self._is_dumped(arrival.when(each.at)):
                cutter.drop()
            if cutter.begins(each, has_picture=reader.has_picture):
                self._put(together)
                together.clear()
                arrival.settle()
                self._begin(arrival.when(each.at))
                together += cutter.opening(reader.header, each.at)
            if cutter.is_open:
                together += each.content
        self._put(together)

    def _is_dumped(self, new_at: float) -> bool:
        """Whether a dump covers what was new then, or took the piece away. In doubt the piece goes."""
        behind = round((self._clock.monotonic() - new_at) * TICKS_PER_SECOND)
        tick = self._tick_now()
        erased = self._piece is not None and self._piece.is_erased
        if not erased and not self._covers(tick - behind, tick + 1):
            return False
        if self._piece is not None:
            self._piece.path.unlink(missing_ok=True)
            self._end_piece()
        self._dumped_since = self._dumped_since or self._now()
        return True

    def _put(self, content: bytearray) -> None:
        if content and self._piece is not None:
            self._piece.write(bytes(content))
            if self._began_at is not None:
                self._tell_what_is_missing(self._began_at)
                self._began_at = None
            self._recorded_until = self._now()
            self.track.wrote(len(content), str(self._piece.path.relative_to(self._folders.recordings)))

    def _begin(self, new_at: float) -> None:
        self._end_piece()
        tick = self._tick_now() - round((self._clock.monotonic() - new_at) * TICKS_PER_SECOND)
        # After a stall of the link several pieces arrive at once; each still has its own name, in their order.
        tick = self._last_tick = max(tick, self._last_tick + 1)
        self._began_at = self._moment_of(tick)
        path = self._folder / piece_name(self._began_at, tick)
        self._piece = _PieceFile(path, self._clock)

    def _tell_what_is_missing(self, began_at: datetime) -> None:
        """Before a piece that is now begun."""
        if self.track.trouble:
            self.track.resume(began_at, lost=True)
        elif self._dumped_since is not None:
            self.track.missing(self._dumped_since, max(began_at, self._dumped_since), "dumped")
        elif (until := self._recorded_until) and began_at - until > HOLE_TO_TELL and self._published_since(until):
            self.track.missing(until, began_at, "interrupted")
        self._dumped_since = None

    def _published_since(self, moment: datetime) -> bool:
        """Whether the publisher who is on now was on then."""
        status = read_status(self._folders)
        publisher = status.publishers.get(str(self._ref)) if status else None
        return publisher is not None and publisher.since <= moment

    def _end_piece(self) -> None:
        if self._piece is not None:
            self._piece.close()
            self._piece = None
