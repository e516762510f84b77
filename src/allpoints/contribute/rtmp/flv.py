"""FLV, the file form of what RTMP carries (Adobe FLV 10.1, annex E; Enhanced RTMP v1 for the newer codecs)."""

from __future__ import annotations

import enum

SCRIPT = 18
_AAC = 10
_AVC = 7


class Role(enum.Enum):
    """What a tag means to somebody who joins late."""

    HEADER = "header"  # the codec's set-up: needed before anything else
    KEY = "key"  # decoding can begin here
    OTHER = "other"


def role_of_picture(payload: bytes) -> Role:
    """What this video message is. HEVC, AV1 and VP9 come with a FourCC (Enhanced RTMP)."""
    if len(payload) < 2:
        return Role.OTHER
    first = payload[0]
    if first & 0x80:
        is_header, key = first & 0x0F == 0, (first >> 4) & 0x07 == 1
    else:
        is_header, key = first & 0x0F == _AVC and payload[1] == 0, first >> 4 == 1
    return Role.HEADER if is_header else Role.KEY if key else Role.OTHER


def role_of_sound(payload: bytes) -> Role:
    """What this audio message is: AAC and enhanced codecs begin with a header; in others each frame stands alone."""
    if len(payload) >= 2 and (
        (payload[0] >> 4 == _AAC and payload[1] == 0) or (payload[0] >> 4 == 9 and payload[0] & 0x0F == 0)
    ):
        return Role.HEADER
    return Role.OTHER


def file_header(*, sound: bool, picture: bool) -> bytes:
    """The nine bytes of an FLV file and the empty tag size after them."""
    return b"FLV\x01" + bytes([(4 if sound else 0) | (1 if picture else 0)]) + b"\x00\x00\x00\x09" + bytes(4)


def tag(kind: int, timestamp: int, payload: bytes) -> bytes:
    """One FLV tag; ``timestamp`` in milliseconds."""
    size = len(payload).to_bytes(3, "big")
    time = (timestamp & 0xFFFFFF).to_bytes(3, "big") + bytes([(timestamp >> 24) & 0x7F])
    return bytes([kind]) + size + time + bytes(3) + payload + (len(payload) + 11).to_bytes(4, "big")
