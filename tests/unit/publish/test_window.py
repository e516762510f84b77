"""What is kept for viewers who fall behind, where room comes and goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allpoints.publish.window import LEAST_SEGMENTS, Window

steps = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=200)


@given(st.integers(10, 1800), st.integers(0, 10**7), steps)
def test_what_is_listed_never_goes_back_and_is_never_too_little(
    most: int, start: int, happenings: list[tuple[int, int]]
) -> None:
    """``happenings``: so many segments more, then so many wishes for room."""
    last, window = start + most, Window(most)
    window.follow(last)
    before = window.first
    for released, wishes in happenings:
        last += released
        window.follow(last)
        for _ in range(wishes):
            window.shrink(last)
        assert before <= window.first
        assert LEAST_SEGMENTS <= last - window.first + 1 <= most
        assert window.kept_from(last) <= window.first
        before = window.first


@given(st.integers(10, 1800), st.integers(0, 10**7))
def test_with_room_enough_the_window_is_whole_and_what_left_it_stays_for_as_long(most: int, last: int) -> None:
    window = Window(most)
    window.follow(last + most)
    assert window.first == last + 1
    assert window.kept_from(last + most) == last - most


def test_the_grace_goes_last_and_then_there_is_no_more_to_give() -> None:
    window = Window(30)
    window.follow(100)
    gave = 0
    while window.shrink(100):
        gave += 1
        assert not window.is_tight or window.first == 100 - LEAST_SEGMENTS + 1
    assert window.is_tight
    assert window.kept_from(100) == window.first == 95
    assert gave < 20


def test_a_window_that_was_made_smaller_is_whole_again_once_as_much_was_released() -> None:
    window = Window(30)
    window.follow(100)
    while window.shrink(100):
        pass
    for last in range(101, 125):
        window.follow(last)
        assert window.first == 95
    window.follow(125)
    assert window.first == 96
