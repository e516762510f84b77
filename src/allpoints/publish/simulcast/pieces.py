"""The program as pieces of FLV, made once for all receivers of a rendition (Adobe FLV 10.1, annex E.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from allpoints.contribute.rtmp.flv import file_header, tag
from allpoints.publish.demuxed import CodedUnit, Demuxed

SOUND, PICTURE = 8, 9
_AAC = b"\xaf"
_SETUP, _UNIT = b"\x00", b"\x01"
_KEY_PICTURE, _OTHER_PICTURE = b"\x17", b"\x27"
_NO_OFFSET = bytes(3)


@dataclass(frozen=True, slots=True)
class Piece:
    """One picture or one frame of sound. ``time`` in milliseconds since the epoch.

    Decoding can begin where there is an ``opening``: the head of an FLV file with the decoders' setup.
    """

    kind: int
    time: int
    payload: bytes
    opening: bytes | None = None

    def tag(self, base: int) -> bytes:
        """The FLV tag, its time counted from ``base``."""
        return tag(self.kind, self.time - base, self.payload)


def pieces(picture: Demuxed | None, sound: Demuxed) -> list[Piece]:
    """A segment's pieces in the order of time, pictures before sound; the first one can be begun with."""
    head = file_header(sound=True, picture=picture is not None)
    if picture is not None:
        head += tag(PICTURE, 0, _KEY_PICTURE + _SETUP + _NO_OFFSET + picture.setup)
    head += tag(SOUND, 0, _AAC + _SETUP + sound.setup)
    units = sorted([*_units(PICTURE, picture), *_units(SOUND, sound)], key=lambda unit: (unit[1].time, -unit[0]))
    return [
        Piece(kind, round(unit.time * 1000), _payload(kind, unit), None if number else head)
        for number, (kind, unit) in enumerate(units)
    ]


def _units(kind: int, track: Demuxed | None) -> Iterator[tuple[int, CodedUnit]]:
    return ((kind, unit) for unit in (track.units if track else ()))


def _payload(kind: int, unit: CodedUnit) -> bytes:
    if kind == SOUND:
        return _AAC + _UNIT + unit.content
    return (_KEY_PICTURE if unit.is_key else _OTHER_PICTURE) + _UNIT + _NO_OFFSET + unit.content
