"""What the disk still takes: who gives way first when it gets short, and how long it lasts."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["sources", "clean", "program"]

_MB = 1_000_000
GIVES_WAY: Mapping[Kind, tuple[int, float]] = {
    "sources": (2_000 * _MB, 0.10),
    "clean": (1_000 * _MB, 0.05),
    "program": (250 * _MB, 0.02),
}
"""In this order recording stops when less than so many bytes, or that share of a small disk, are free. What is left
below the last threshold belongs to the journal and the database."""

RESUMES_AT = 1.2
"""It begins again with so many times the threshold free, so that it does not flutter."""


@dataclass(frozen=True)
class Disk:
    """Bytes that this user may still write, and the size of the file system."""

    free: int
    total: int


def look_at_disk(folder: Path) -> Disk:
    """The file system of ``folder``. Raises OSError."""
    found = os.statvfs(folder)
    return Disk(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


def least_free(kind: Kind, total: int) -> int:
    """With fewer bytes free than this, ``kind`` is no longer recorded."""
    most, share = GIVES_WAY[kind]
    return min(most, int(total * share))


def may_record(kind: Kind, disk: Disk, *, is_recording: bool) -> bool:
    """Whether there is room enough to go on, or to begin again."""
    return disk.free >= least_free(kind, disk.total) * (1 if is_recording else RESUMES_AT)


def seconds_left(disk: Disk, bytes_per_second: float, kinds: Collection[Kind]) -> int | None:
    """How long all of ``kinds`` can go on at this rate before the first gives way; None where nothing is written."""
    if bytes_per_second <= 0 or not kinds:
        return None
    reserved = max(least_free(kind, disk.total) for kind in kinds)
    return max(0, int((disk.free - reserved) / bytes_per_second))
