"""How far a playlist has come, and which bytes a range asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.web.origin import byte_range
from allpoints.web.published import PUBLIC_NAME, position_of

LIVE = """#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:10
#EXTINF:2,
10.m4s
#EXT-X-PART:DURATION=0.4,URI="11.0.m4s"
#EXT-X-PART:DURATION=0.4,URI="11.1.m4s"
#EXTINF:2,
11.m4s
#EXT-X-PART:DURATION=0.4,URI="12.0.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="12.1.m4s"
"""


def test_a_playlist_tells_what_comes_next() -> None:
    position = position_of(LIVE)
    assert (position.next_segment, position.hint, position.target_seconds) == (12, "12.1.m4s", 2)
    assert dict(position.parts) == {11: 2, 12: 1}


@pytest.mark.parametrize(
    ("segment", "part", "held"),
    [
        (11, None, True), (12, None, False), (12, 0, True), (12, 1, False), (13, 0, False), (10, 3, True),
        (11, 1, True),
        (11, 2, True),  # past the last part of a finished segment: the first of the next, which is there
        (12, 9, False),
    ],
)
def test_a_request_waits_only_for_what_is_not_there(segment: int, part: int | None, held: bool) -> None:
    assert position_of(LIVE).holds(segment, part) is held


def test_a_part_past_the_last_means_the_first_of_the_next_segment() -> None:
    finished = LIVE.replace('#EXT-X-PART:DURATION=0.4,URI="12.0.m4s"\n', "")
    assert not position_of(finished).holds(11, 2)


def test_more_than_two_segments_ahead_is_too_far() -> None:
    position = position_of(LIVE)
    assert [position.is_too_far(segment) for segment in (12, 13, 14)] == [False, False, True]


def test_a_playlist_that_has_ended_holds_nobody_up() -> None:
    assert position_of(LIVE + "#EXT-X-ENDLIST\n").holds(99, 3)


@given(st.text())
def test_any_text_at_all_is_a_position(text: str) -> None:
    assert position_of(text).next_segment >= 0


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-9", (0, 9)), ("bytes=90-", (90, 99)), ("bytes=-10", (90, 99)), ("bytes=50-500", (50, 99)),
        ("bytes=-500", (0, 99)), ("bytes=100-", "unsatisfiable"), ("bytes=-0", "unsatisfiable"),
        ("bytes=9-2", None), ("bytes=0-1,5-6", None), ("lines=0-3", None), ("bytes=-", None), ("", None),
    ],
)
def test_byte_ranges_are_read_as_the_standard_says(header: str, span: object) -> None:
    assert byte_range(header, 100) == span


@given(st.text(), st.integers(1, 10**9))
def test_any_range_lies_within_the_file(header: str, size: int) -> None:
    span = byte_range(header, size)
    if isinstance(span, tuple):
        assert 0 <= span[0] <= span[1] < size


@given(st.text())
def test_no_name_climbs_out_or_reaches_a_draft(name: str) -> None:
    if PUBLIC_NAME.fullmatch(name):
        parts = name.split("/")
        assert len(parts) <= 2
        assert not any(part.startswith(".") for part in parts)


@pytest.mark.parametrize("name", ["../secret.mp4", ".5.m4s.12.draft", "v240/.x.m4s", "/etc/x.mp4", "a/b/c.mp4",
                                  "x.txt", "a/../b.mp4", "v240/1.m4s\n", "٣.mp4"])
def test_such_names_are_nothing(name: str) -> None:
    assert not PUBLIC_NAME.fullmatch(name)
