"""The bytes of one viewer's endless file, from pieces made by hand."""

from __future__ import annotations

import io
import struct

from hypothesis import given
from hypothesis import strategies as st

from allpoints.publish.endless_file import OwnCopy, Piece
from allpoints.publish.fragments import Sample, fragment
from allpoints.publish.ladder import MONO, VideoRung
from allpoints.publish.recording.boxes import boxes

PICTURE = VideoRung("v240", 426, 240, 1, 260_000, "veryfast", "a32")


def piece(segment: int, head: bytes = b"HEAD") -> Piece:
    """Two fragments of picture and one of sound."""
    first, sound = segment * 50, MONO.first_packet(segment * 50)
    pictures = b"".join(
        fragment(number, [Sample(first + at, b"\0\0\0\1\x65")], 1, video=True) for number, at in enumerate((0, 25))
    )
    return Piece(segment, head, (pictures, fragment(0, [Sample(sound, b"sound")], 1024, video=False)))


def told(body: bytes) -> list[tuple[int, int, int]]:
    """Of each fragment its number, its track and its time."""
    found = []
    for at, kind, _ in boxes(io.BytesIO(body), len(body)):
        if kind == b"moof":
            number = struct.unpack_from(">I", body, body.index(b"mfhd", at) + 8)[0]
            track = struct.unpack_from(">I", body, body.index(b"tfhd", at) + 8)[0]
            time = struct.unpack_from(">Q", body, body.index(b"tfdt", at) + 8)[0]
            found.append((number, track, time))
    return found


@given(st.integers(0, 2**34), st.lists(st.integers(1, 40), max_size=6))
def test_time_begins_at_nought_and_passes_over_holes_with_the_sound_as_far_behind_as_it_was(
    first: int, steps: list[int]
) -> None:
    own, segment, numbers = OwnCopy((PICTURE, MONO)), first, list[int]()
    for place, step in enumerate([0, *steps]):
        segment += step
        body = own(piece(segment))
        assert body.startswith(b"HEAD") == (place == 0)
        fragments = told(body.removeprefix(b"HEAD"))
        behind = MONO.first_packet(segment * 50) - segment * 50 * 1920
        assert [(track, time) for _, track, time in fragments] == [
            (1, place * 50), (1, place * 50 + 25), (2, place * 50 * 1920 + behind)
        ]
        numbers += [number for number, _, _ in fragments]
    assert numbers == sorted(set(numbers))


def test_where_codec_settings_change_the_file_is_over_and_the_next_viewer_begins_anew() -> None:
    own = OwnCopy((PICTURE, MONO))
    assert own(piece(7))
    assert own(piece(8, b"NEWHEAD")) == b""
    assert own(piece(9, b"NEWHEAD")) == b""
    assert OwnCopy((PICTURE, MONO))(piece(8, b"NEWHEAD")).startswith(b"NEWHEAD")
