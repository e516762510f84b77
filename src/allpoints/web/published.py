"""One published file, and how much of a playlist is out: read from the directory, nothing remembered but copies."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from types import MappingProxyType

PUBLIC_NAME = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_-]*/)?[A-Za-z0-9][A-Za-z0-9_.-]*\.(?:m3u8|m4s|mp4)", re.ASCII)
"""What may be asked for: at most one folder deep, no dot in front (drafts), nothing that could climb."""


@dataclass(frozen=True)
class Position:
    """How far a media playlist has come (RFC 8216bis, 6.2.5.2).

    ``next_segment`` is the media sequence number of the first segment not yet complete; ``parts`` counts the listed
    parts of each segment, the unfinished one included; ``target_seconds`` is the target duration.
    """

    next_segment: int
    parts: Mapping[int, int]
    target_seconds: int
    ended: bool
    hint: str | None

    def holds(self, segment: int, part: int | None) -> bool:
        """Whether the playlist contains ``segment`` (or its ``part``) or something later."""
        if self.ended:
            return True
        if part is not None and segment < self.next_segment and part >= self.parts.get(segment, part + 1):
            segment, part = segment + 1, 0  # past the last part of a finished segment: the first of the next is meant
        if segment < self.next_segment:
            return True
        return part is not None and segment == self.next_segment and part < self.parts.get(segment, 0)

    def is_too_far(self, segment: int) -> bool:
        """Whether the segment lies more than two beyond the last complete one: such a request is refused."""
        return segment > self.next_segment + 1


def position_of(playlist: str) -> Position:
    """Read how far a media playlist has come. Unknown and malformed lines count as nothing."""
    segment, target, ended, hint = 0, 2, False, None
    parts: dict[int, int] = {}
    for line in playlist.splitlines():
        tag, _, value = line.partition(":")
        if tag == "#EXT-X-MEDIA-SEQUENCE" and value.strip().isdecimal():
            segment = int(value)
        elif tag == "#EXT-X-TARGETDURATION" and value.strip().isdecimal():
            target = int(value)
        elif tag == "#EXT-X-PART":
            parts[segment] = parts.get(segment, 0) + 1
        elif tag == "#EXT-X-PRELOAD-HINT":
            uri = re.search(r'URI="([^"]*)"', value)
            hint = uri[1] if uri else None
        elif tag == "#EXT-X-ENDLIST":
            ended = True
        elif line and not line.startswith("#"):
            segment += 1
    return Position(segment, MappingProxyType(parts), max(1, target), ended, hint)


@dataclass(frozen=True)
class Playlist:
    """One version of a playlist, ready to be sent. ``stamp`` tells versions apart without reading them."""

    stamp: tuple[int, int, int]
    body: bytes
    gzipped: bytes
    etag: str
    modified: str
    position: Position


@dataclass(frozen=True)
class Media:
    """One segment, part or init segment: immutable once it is there."""

    body: bytes
    etag: str


class PublishedFiles:
    """The public directory. Keeps the newest copy of each playlist (a few kilobytes); media are read each time.

    Reads block: the directory is memory-backed, and a thread would cost more than the read.
    """

    def __init__(self, public: Path) -> None:
        self._public = str(public)
        self._playlists: dict[str, Playlist] = {}

    def exists(self, name: str) -> bool:
        """Whether the file is published."""
        return os.path.exists(f"{self._public}/{name}")  # noqa: PTH110 - called every few milliseconds

    def playlist(self, name: str) -> Playlist | None:
        """The playlist as it stands now; None when it is not published."""
        path = f"{self._public}/{name}"
        try:
            stat = os.stat(path)  # noqa: PTH116 - called every few milliseconds
            known = self._playlists.get(name)
            if known is not None and known.stamp == (stat.st_mtime_ns, stat.st_size, stat.st_ino):
                return known
            body, stat = self._read(path)
        except OSError:
            self._playlists.pop(name, None)
            return None
        self._playlists[name] = fresh = Playlist(
            stamp=(stat.st_mtime_ns, stat.st_size, stat.st_ino),
            body=body,
            gzipped=gzip.compress(body, 6, mtime=0),
            etag=hashlib.blake2b(body, digest_size=9).hexdigest(),
            modified=formatdate(stat.st_mtime, usegmt=True),
            position=position_of(body.decode("utf-8", "replace")),
        )
        return fresh

    def media(self, name: str) -> Media | None:
        """A segment, part or init segment; None when it is not published."""
        try:
            body, stat = self._read(f"{self._public}/{name}")
        except OSError:
            return None
        return Media(body, f"{stat.st_mtime_ns:x}-{stat.st_size:x}")

    @staticmethod
    def _read(path: str) -> tuple[bytes, os.stat_result]:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor, not a path
            return file.readall(), os.fstat(descriptor)
