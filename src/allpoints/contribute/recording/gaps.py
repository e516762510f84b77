"""What is missing from the recordings, and why: one durable line for each stop and each hole."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from allpoints.kernel.folders import Folders

WHY: Mapping[str, str] = {
    "disk_short": "the disk was nearly full",
    "disk_full": "the disk was full",
    "disk_failed": "the disk failed",
    "dumped": "erased by a dump",
    "no_program": "no program was made",
    "not_released": "it was never released",
    "too_late": "it was no longer in memory when recording went on",
    "interrupted": "recording was interrupted",
}
"""Why something is missing, by code, as it is written down."""


class Gap(msgspec.Struct, frozen=True):
    """Something that is not recorded. ``what`` is a track's name.

    ``ended_at`` None: not recorded since. ``lost`` False: it was made up for out of memory, nothing is missing; None:
    not yet known. ``more`` is the machine's own word on it.
    """

    what: str
    began_at: datetime
    ended_at: datetime | None
    code: str
    lost: bool | None = True
    why: str = ""
    more: str = ""


class GapLog:
    """Appends to ``gaps.jsonl``. What cannot be written (the disk is full) is kept and written when it can be.

    Any thread may call. ``on_gap`` hears of each.
    """

    def __init__(self, folders: Folders, on_gap: Callable[[Gap], None] = lambda _: None) -> None:
        self._on_gap = on_gap
        self._path = folders.recordings / "gaps.jsonl"
        self._unwritten: list[bytes] = []
        self._lock = threading.Lock()

    def tell(self, gap: Gap) -> None:
        """Write a gap down. A later line with the same ``what`` and ``began_at`` takes the place of an earlier."""
        told = msgspec.structs.replace(gap, why=WHY[gap.code])
        with self._lock:
            self._unwritten.append(msgspec.json.encode(told) + b"\n")
        self._on_gap(told)
        self.catch_up()

    def catch_up(self) -> None:
        """Write what could not be written so far."""
        with self._lock, contextlib.suppress(OSError):
            while self._unwritten:
                _append(self._path, self._unwritten[0])
                del self._unwritten[0]


def _append(path: os.PathLike[str], line: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line  # a line that was torn stays alone
        if os.write(descriptor, line) < len(line):
            os.ftruncate(descriptor, size)
            raise OSError("there is no room for a line")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_gaps(folders: Folders) -> list[Gap]:
    """All that was written down, in order of beginning. A line that cannot be read is passed over."""
    found: dict[tuple[str, datetime], Gap] = {}
    try:
        lines = (folders.recordings / "gaps.jsonl").read_bytes().splitlines()
    except OSError:
        return []
    for line in lines:
        with contextlib.suppress(msgspec.MsgspecError):
            gap = msgspec.json.decode(line, type=Gap)
            found[gap.what, gap.began_at] = gap
    return sorted(found.values(), key=lambda gap: gap.began_at)
