"""The pieces of one source's recording: FLV files that begin at a key picture, named by when they began.

``20310301T060000.120Z_4123.flv`` began at that instant (UTC) and at about that tick. What a piece holds is told by
the file itself, so that nothing else must survive a crash.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from allpoints.contribute.rtmp.chunks import VIDEO
from allpoints.contribute.rtmp.flv import SCRIPT, Role, role_of_picture, role_of_sound
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND

FILE_HEADER = 13
TAG_HEADER = 11
TAG_SIZE = 4
MS_PER_TICK = 1000 // TICKS_PER_SECOND
MOST_LAG_MS = 300_000
_NAME = re.compile(r"(\d{8}T\d{6})\.(\d{3})Z_(\d+)\.flv", re.ASCII)
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class Piece:
    """A finished or growing piece. ``first_ms`` and ``last_ms`` are its stream's own times; pieces of one connection
    share them, so that they can be joined to the millisecond."""

    path: Path
    began_at: datetime
    first_tick: int
    first_ms: int
    last_ms: int
    size: int
    changed_at: datetime

    @property
    def ended_at(self) -> datetime:
        return self.began_at + timedelta(milliseconds=self.last_ms - self.first_ms)

    @property
    def end_tick(self) -> int:
        """The first tick of which it surely holds nothing. Where a stream's own times lag behind the clock, because
        its sender paused, the moment of the last writing counts."""
        written_ms = (self.changed_at - self.began_at) // timedelta(milliseconds=1)
        return self.first_tick + max(self.last_ms - self.first_ms, min(written_ms, MOST_LAG_MS)) // MS_PER_TICK + 1


def sources_folder(folders: Folders) -> Path:
    """The parent of each source's folder."""
    return folders.recordings / "sources"


def piece_name(began_at: datetime, tick: int) -> str:
    """The file name of a piece."""
    at = began_at.astimezone(UTC)
    return f"{at:{_STAMP}}.{at.microsecond // 1000:03d}Z_{tick}.flv"


def moment_of_name(name: str) -> tuple[datetime, int] | None:
    """When a piece began, as instant and as tick; None for any other file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    second = datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
    return second + timedelta(milliseconds=int(found[2])), int(found[3])


def pieces_of(folder: Path) -> list[Piece]:
    """All pieces of one source in order of their beginning; those that hold nothing are passed over."""
    found = (look_into(path) for path in folder.glob("*.flv"))
    return sorted((piece for piece in found if piece), key=lambda piece: (piece.began_at, piece.first_tick))


def look_into(path: Path) -> Piece | None:
    """What the file tells of itself: its first media tag, and the last one, found from the end."""
    moment = moment_of_name(path.name)
    if moment is None:
        return None
    try:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            size = file.seek(0, 2)
            first = next((at for is_media, at, _ in _tags(path) if is_media), None)
            if first is None:
                return None
            last = _last_time(file, size)
    except OSError:
        return None
    if last is None:  # torn: nobody has mended it yet
        last = max((at for is_media, at, _ in _tags(path) if is_media), default=first)
    return Piece(path, *moment, first, last, size, datetime.fromtimestamp(stat.st_mtime, UTC))


def _last_time(file: BinaryIO, size: int) -> int | None:
    """The time of the last tag, found from the end; None where the file does not end with a whole one."""
    file.seek(max(0, size - TAG_SIZE))
    length = int.from_bytes(file.read(TAG_SIZE), "big")
    if not TAG_HEADER <= length <= size - FILE_HEADER - TAG_SIZE:
        return None
    file.seek(size - TAG_SIZE - length)
    head = file.read(TAG_HEADER)
    return _time(head) if TAG_HEADER + int.from_bytes(head[1:4], "big") == length else None


def mend(path: Path) -> None:
    """Cut off a tag that was being written when its writer died; a piece that holds nothing goes. Raises OSError."""
    tags = list(_tags(path))
    stat = path.stat()
    if not any(is_media for is_media, _, _ in tags):
        path.unlink()
    elif stat.st_size > tags[-1][2]:
        os.truncate(path, tags[-1][2])
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # when it was last written tells what it holds


def erase_pieces(folder: Path, first_tick: int, end_tick: int) -> list[tuple[datetime, datetime]]:
    """Delete every piece that may hold something of these ticks, also one that is being written.

    Returns from when to when each was. Raises OSError.
    """
    erased = []
    for path in sorted(folder.glob("*.flv")):
        moment = moment_of_name(path.name)
        if moment is None or moment[1] >= end_tick:
            continue
        piece = look_into(path)
        if (piece.end_tick if piece else moment[1] + 1) > first_tick:
            path.unlink(missing_ok=True)
            erased.append((moment[0], piece.ended_at if piece else moment[0]))
    return erased


def _tags(path: Path) -> Iterator[tuple[bool, int, int]]:
    """Of each whole tag whose sizes agree: whether it is picture or sound, its time in ms, its end in the file."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        at = FILE_HEADER
        while at + TAG_HEADER + TAG_SIZE <= size:
            file.seek(at)
            head = file.read(TAG_HEADER + 2)
            length = TAG_HEADER + int.from_bytes(head[1:4], "big")
            at += length + TAG_SIZE
            if at > size:
                return
            file.seek(at - TAG_SIZE)
            if int.from_bytes(file.read(TAG_SIZE), "big") != length:
                return
            yield _is_media(head[0], head[TAG_HEADER:]), _time(head), at


def _is_media(kind: int, payload: bytes) -> bool:
    role = role_of_picture(payload) if kind == VIDEO else role_of_sound(payload)
    return kind != SCRIPT and role is not Role.HEADER


def _time(head: bytes) -> int:
    return int.from_bytes(head[4:7], "big") | (head[7] << 24)
