"""Cuts a live stream of FLV tags into pieces that can each be played alone."""

from __future__ import annotations

from dataclasses import dataclass

from allpoints.contribute.recording.pieces import FILE_HEADER, TAG_HEADER, TAG_SIZE
from allpoints.contribute.rtmp.chunks import AUDIO, VIDEO
from allpoints.contribute.rtmp.flv import SCRIPT, Role, role_of_picture, role_of_sound, tag

PIECE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: ``at`` in ms, ``content`` with header and trailing size as it came."""

    kind: int
    at: int
    role: Role
    content: bytes

    @property
    def payload(self) -> bytes:
        return self.content[TAG_HEADER:-TAG_SIZE]


class TagReader:
    """Takes a stream apart as it arrives. ``has_picture`` is known once the file header has come."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._header: bytes | None = None

    @property
    def header(self) -> bytes:
        """The 13 bytes that every FLV file begins with."""
        return self._header or b""

    @property
    def has_picture(self) -> bool:
        return bool(self.header[4:5] and self.header[4] & 1)

    def feed(self, received: bytes) -> list[Tag]:
        """The tags that are now complete."""
        self._waiting += received
        if self._header is None:
            if len(self._waiting) < FILE_HEADER:
                return []
            self._header = bytes(self._waiting[:FILE_HEADER])
            del self._waiting[:FILE_HEADER]
        tags = []
        while len(self._waiting) >= TAG_HEADER:
            end = TAG_HEADER + int.from_bytes(self._waiting[1:4], "big") + TAG_SIZE
            if len(self._waiting) < end:
                break
            tags.append(_tag(bytes(self._waiting[:end])))
            del self._waiting[:end]
        return tags


def _tag(content: bytes) -> Tag:
    kind, payload = content[0], content[TAG_HEADER:-TAG_SIZE]
    role = role_of_picture(payload) if kind == VIDEO else role_of_sound(payload) if kind == AUDIO else Role.HEADER
    return Tag(kind, int.from_bytes(content[4:7], "big") | content[7] << 24, role, content)


class Cutter:
    """Says where pieces begin, and with what. One for each connection."""

    def __init__(self) -> None:
        self._set_up: dict[int, bytes] = {}
        self._began: int | None = None

    def begins(self, each: Tag, *, has_picture: bool) -> bool:
        """Whether a piece begins with this tag: a key picture ten seconds or more after the last beginning, or the
        first after other headers; where there are no pictures, any sound."""
        if each.role is Role.HEADER:
            if self._set_up.get(each.kind, each.payload) != each.payload:
                self._began = None
            self._set_up[each.kind] = each.payload
            return False
        can_begin = each.role is Role.KEY if has_picture else each.kind == AUDIO
        if not can_begin or (self._began is not None and each.at - self._began < PIECE_MS):
            return False
        self._began = each.at
        return True

    @property
    def is_open(self) -> bool:
        """Whether what comes belongs to a piece."""
        return self._began is not None

    def drop(self) -> None:
        """The piece is over: what follows belongs to none until one begins."""
        self._began = None

    def opening(self, header: bytes, at: int) -> bytes:
        """What a piece begins with: file header, description and set-up of each track, stamped ``at``."""
        order = sorted(self._set_up, key=lambda kind: kind != SCRIPT)
        return header + b"".join(tag(kind, at, self._set_up[kind]) for kind in order)
