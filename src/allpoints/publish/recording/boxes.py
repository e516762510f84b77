"""Released segments of several renditions, laid into one file: boxes (ISO 14496-12) moved in time, never re-encoded.

A segment is added by one write and ends with a mark, a ``free`` box that holds its number. So a file that was cut off
anywhere tells by itself what it holds, and nothing after its last mark ever counts.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import av

from allpoints.kernel.timeline import TICKS_PER_SECOND

MARK_SIZE = 16
_FRAGMENTS = 32
"""Numbers set aside for the fragments of one segment; parts are fragments too."""


def header_of(inits: Sequence[bytes]) -> bytes:
    """The head of a file with one track for each init segment, in that order. libavformat writes it."""
    out = io.BytesIO()
    options = {
        "movflags": "empty_moov+default_base_moof", "use_editlist": "0", "fflags": "+bitexact",
        "video_track_timescale": str(TICKS_PER_SECOND),
    }
    with av.open(out, "w", format="mp4", options=options) as container:
        for init in inits:
            with av.open(io.BytesIO(init), "r", format="mp4") as source:
                container.add_stream_from_template(source.streams[0])
        container.start_encoding()
        return out.getvalue()


def moved(segment: bytes, track: int, start: int, place: int) -> bytes:
    """The fragments of one released segment as track ``track`` of a file that begins at ``start``, in the track's own
    time. ``place`` counts segments in the file."""
    out = bytearray()
    number = place * _FRAGMENTS + (track - 1) * _FRAGMENTS // 2
    for at, kind, end in boxes(io.BytesIO(segment), len(segment)):
        if kind == b"moof":
            number += 1
            out += _moved_moof(segment[at:end], track, start, number)
        elif kind == b"mdat":
            out += segment[at:end]
    return bytes(out)


def _moved_moof(moof: bytes, track: int, start: int, number: int) -> bytes:
    moved, inside = bytearray(moof), io.BytesIO(moof)
    for at, kind, end in boxes(inside, len(moof), 8):
        if kind == b"mfhd":
            struct.pack_into(">I", moved, at + 12, number)
        elif kind == b"traf":
            for inner, what, _ in boxes(inside, end, at + 8):
                if what == b"tfhd":
                    struct.pack_into(">I", moved, inner + 12, track)
                elif what == b"tfdt":
                    form = ">Q" if moof[inner + 8] else ">I"
                    (time,) = struct.unpack_from(form, moof, inner + 12)
                    struct.pack_into(form, moved, inner + 12, time - start)
    return bytes(moved)


def mark(segment: int) -> bytes:
    """What ends a segment."""
    return struct.pack(">I4sQ", MARK_SIZE, b"free", segment)


def marked(box: bytes) -> int | None:
    """The segment that a mark ends; None where ``box`` is none."""
    size, kind, segment = struct.unpack(">I4sQ", box) if len(box) == MARK_SIZE else (0, b"", 0)
    return segment if (size, kind) == (MARK_SIZE, b"free") else None


def boxes(file: BinaryIO, size: int, at: int = 0) -> Iterator[tuple[int, bytes, int]]:
    """Begin, kind and end of each whole box from ``at`` on; ends before one that is cut off."""
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if length < 8 or at + length > size:
            return
        yield at, kind, at + length
        at += length
