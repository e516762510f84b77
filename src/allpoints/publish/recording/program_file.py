"""One file of a program recording: made, added to, found again after a crash."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT, Timeline, first_tick_of
from allpoints.publish.recording.boxes import MARK_SIZE, boxes, mark, marked

SECONDS_PER_SEGMENT = TICKS_PER_SEGMENT // TICKS_PER_SECOND
SEGMENTS_PER_FILE = 600 // SECONDS_PER_SEGMENT
"""Ten minutes, cut at the same numbers whenever recording began."""

_NAME = re.compile(r"(\d+)_(\d{8}T\d{6}Z)\.mp4", re.ASCII)
_STAMP = "%Y%m%dT%H%M%SZ"


def file_name(segment: int, timeline: Timeline) -> str:
    """The name of a file that begins with ``segment``."""
    at = timeline.instant_of(first_tick_of(segment)).astimezone(UTC)
    return f"{segment:07d}_{at:{_STAMP}}.mp4"


@dataclass(frozen=True)
class ProgramFile:
    """A file as it lies on the disk: ``size`` counts what ends with a mark. Its own times begin at 0, which is the
    first tick of the segment ``first``; ``began_at`` is that moment (UTC, to the second)."""

    path: Path
    first: int
    last: int
    began_at: datetime
    size: int

    @property
    def ended_at(self) -> datetime:
        return self.began_at + timedelta(seconds=(self.last + 1 - self.first) * SECONDS_PER_SEGMENT)


def look_into(path: Path) -> ProgramFile | None:
    """What a file holds; None for files of others and those that hold nothing. Raises OSError."""
    found = _NAME.fullmatch(path.name)
    began_at = moment_of_file(path.name)
    if found is None or began_at is None:
        return None
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - MARK_SIZE))
        last = marked(file.read())
        if last is None:
            last, size = _last_mark(file, size)
    if last is None:
        return None
    return ProgramFile(path, int(found[1]), last, began_at, size)


def _last_mark(file: BinaryIO, size: int) -> tuple[int | None, int]:
    last, whole = None, 0
    for at, kind, end in boxes(file, size):
        if kind == b"free" and end - at == MARK_SIZE:
            file.seek(at)
            last, whole = marked(file.read(MARK_SIZE)), end
    return last, whole


def moment_of_file(name: str) -> datetime | None:
    """When a file begins; None for files of others."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[2], _STAMP).replace(tzinfo=UTC) if found else None


def files_of(folder: Path) -> list[ProgramFile]:
    """All files of a recording in order of their beginning. Raises OSError."""
    found = (look_into(path) for path in folder.glob("*.mp4"))
    return sorted((file for file in found if file), key=lambda file: (file.began_at, file.first))


def last_of(folder: Path, timeline: Timeline) -> ProgramFile | None:
    """The newest file of this timeline, mended: what was torn is cut off, files that hold nothing are deleted.

    Files of an earlier plan, which counted from another moment, are passed over. Raises OSError.
    """
    ours = [path for path in folder.glob("*.mp4")
            if (found := _NAME.fullmatch(path.name)) and path.name == file_name(int(found[1]), timeline)]
    for path in sorted(ours, key=lambda path: int(path.name.split("_")[0]), reverse=True):
        file = look_into(path)
        if file is not None:
            if path.stat().st_size > file.size:
                os.truncate(path, file.size)
            return file
        path.unlink()
    return None


class OpenFile:
    """A file that is added to. What a write leaves undone is taken back."""

    def __init__(self, path: Path, header: bytes, first: int) -> None:
        """Go on with a file, or begin it where there is none. Raises OSError."""
        self.path = path
        self.header = header
        self.first = first
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._size = os.fstat(self._descriptor).st_size
        self._is_new = self._size == 0

    @property
    def is_gone(self) -> bool:
        """Whether somebody deleted it meanwhile."""
        return os.fstat(self._descriptor).st_nlink == 0

    @property
    def begins_alike(self) -> bool:
        """Whether the file on the disk has this header."""
        return os.pread(self._descriptor, len(self.header), 0) == self.header

    def add(self, segment: int, fragments: bytes) -> int:
        """Add a segment durably; returns the bytes written. Raises OSError, and then nothing of it is there."""
        content = (self.header if self._is_new else b"") + fragments + mark(segment)
        at = self._size
        try:
            view = memoryview(content)
            while view:
                written = os.pwrite(self._descriptor, view, at)
                view, at = view[written:], at + written
            os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size, self._is_new = at, False
        return len(content)

    def close(self) -> None:
        """Let go of it; one that holds nothing goes."""
        os.close(self._descriptor)
        if self._is_new:
            self.path.unlink(missing_ok=True)
