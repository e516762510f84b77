"""One thing that is recorded, as all recorders see it: may it write, how fast does it, what went wrong."""

from __future__ import annotations

import errno
import threading
from collections import deque
from datetime import datetime

from allpoints.contribute.recording.disk import Kind, look_at_disk, may_record
from allpoints.contribute.recording.gaps import Gap, GapLog
from allpoints.contribute.recording.state import TrackState
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders

RATE_SECONDS = 60.0
LOOK_EVERY = 1.0
BUSY_SECONDS = 6.0
"""Writing comes in gulps: a segment, what a socket held. Only after so long nothing comes in."""


class Track:
    """The state of one track and the announcement of its stops. Its recorder's thread owns it."""

    def __init__(self, what: str, kind: Kind, folders: Folders, gaps: GapLog, clock: Clock) -> None:
        self.what = what
        self.kind: Kind = kind
        self._folders = folders
        self._gaps = gaps
        self._clock = clock
        self._lock = threading.Lock()
        self._written: deque[tuple[float, int]] = deque()
        self._began_at = clock.monotonic()
        self._file = ""
        self._wrote_at = float("-inf")
        self._code = ""
        self._trouble = ""
        self._trouble_at: datetime | None = None
        self._stopped_since: datetime | None = None
        self._looked_at = float("-inf")
        self._has_room = True

    @property
    def trouble(self) -> str:
        """The code of what keeps it from recording now; empty when nothing does."""
        return self._code if self._stopped_since is not None else ""

    def has_room(self, since: datetime) -> bool:
        """Whether the disk still has room for this kind; announces a stop when it has not. ``since`` is the moment
        from which on nothing would be recorded. Looks at the disk once a second."""
        now = self._clock.monotonic()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            is_recording = self._stopped_since is None
            try:
                self._has_room = may_record(self.kind, look_at_disk(self._folders.recordings),
                                            is_recording=is_recording)
            except OSError as trouble:
                self.stop(since, trouble)
                return False
        if not self._has_room:
            self.stop(since)
        return self._has_room

    def stop(self, since: datetime, trouble: OSError | None = None) -> None:
        """Recording stops: the disk refused (``trouble``) or is nearly full. Announced once."""
        full = trouble is not None and trouble.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        code = "disk_short" if trouble is None else "disk_full" if full else "disk_failed"
        with self._lock:
            is_first = self._stopped_since is None
            self._code, self._trouble = code, str(trouble or "")
            self._trouble_at = self._clock.now()
            if is_first:
                self._stopped_since = since
        if is_first:
            self._gaps.tell(Gap(self.what, since, None, code, None, more=self._trouble))

    def resume(self, until: datetime, *, lost: bool) -> None:
        """Recording goes on; ``lost`` says whether what came from the stop to ``until`` is missing now."""
        with self._lock:
            since, self._stopped_since = self._stopped_since, None
        if since is not None:
            self._gaps.tell(Gap(self.what, since, max(since, until), self._code, lost, more=self._trouble))

    def missing(self, since: datetime, until: datetime, code: str) -> None:
        """Announce a hole."""
        self._gaps.tell(Gap(self.what, since, until, code))

    def wrote(self, size: int, file: str) -> None:
        """Count what was written, to which file beneath the recordings' folder."""
        now = self._clock.monotonic()
        with self._lock:
            self._written.append((now, size))
            self._file, self._wrote_at = file, now

    def state(self) -> TrackState:
        """For the crew. Any thread may call."""
        with self._lock:
            now = self._clock.monotonic()
            while self._written and self._written[0][0] < now - RATE_SECONDS:
                self._written.popleft()
            over = min(RATE_SECONDS, max(1.0, now - self._began_at))
            rate = round(sum(size for _, size in self._written) / over)
            stopped, busy = self._stopped_since is not None, now - self._wrote_at < BUSY_SECONDS
            return TrackState(
                self.what, self.kind, "stopped" if stopped else "recording" if busy else "waiting",
                self._file, 0 if stopped else rate, self._code, self._trouble, self._trouble_at,
            )
