"""AMF0, the notation of RTMP commands (Action Message Format 0, Adobe 2007), bounded against hostile input."""

from __future__ import annotations

import struct
from collections.abc import Mapping

Value = None | bool | float | str | Mapping[str, "Value"] | list["Value"]

MOST_DEPTH = 8
MOST_MEMBERS = 512


class BadAmf(ValueError):
    """Bytes that are no AMF0, or nest or spread further than any honest publisher's."""


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0
        self.members = 0

    def take(self, count: int) -> bytes:
        piece = self.content[self.at : self.at + count]
        if len(piece) < count:
            raise BadAmf("cut off")
        self.at += count
        return piece

    def text(self, width: int) -> str:
        length = int.from_bytes(self.take(width), "big")
        return self.take(length).decode("utf-8", "replace")

    def value(self, depth: int = 0) -> Value:
        if depth > MOST_DEPTH:
            raise BadAmf("nested too deep")
        marker = self.take(1)[0]
        match marker:
            case 0x00:
                number: float = struct.unpack(">d", self.take(8))[0]
                return number
            case 0x01:
                return self.take(1) != b"\0"
            case 0x02:
                return self.text(2)
            case 0x03:
                return self.pairs(depth)
            case 0x05 | 0x06:
                return None
            case 0x08:
                self.take(4)
                return self.pairs(depth)
            case 0x0A:
                count = int.from_bytes(self.take(4), "big")
                if count > MOST_MEMBERS:
                    raise BadAmf("too many members")
                return [self.member(depth) for _ in range(count)]
            case 0x0B:
                date: float = struct.unpack(">d", self.take(8))[0]
                self.take(2)
                return date
            case 0x0C:
                return self.text(4)
        raise BadAmf(f"marker {marker}")

    def member(self, depth: int) -> Value:
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise BadAmf("too many members")
        return self.value(depth + 1)

    def pairs(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            name = self.text(2)
            if not name and self.content[self.at : self.at + 1] == b"\x09":
                self.at += 1
                return found
            found[name] = self.member(depth)


def decode(content: bytes) -> list[Value]:
    """All values in ``content``, in order. Raises BadAmf."""
    reader = _Reader(content)
    values: list[Value] = []
    while reader.at < len(content):
        values.append(reader.member(0))
    return values


def encode(*values: Value) -> bytes:
    """The values one after the other. Lists become strict arrays, mappings plain objects."""
    return b"".join(map(_encoded, values))


def _encoded(value: Value) -> bytes:
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01\x01" if value else b"\x01\x00"
    if isinstance(value, int | float):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        if len(text) > 0xFFFF:
            return b"\x0c" + len(text).to_bytes(4, "big") + text
        return b"\x02" + len(text).to_bytes(2, "big") + text
    if isinstance(value, list):
        return b"\x0a" + len(value).to_bytes(4, "big") + encode(*value)
    pairs = ((name.encode(), _encoded(member)) for name, member in value.items())
    return b"\x03" + b"".join(len(n).to_bytes(2, "big") + n + m for n, m in pairs) + b"\x00\x00\x09"
