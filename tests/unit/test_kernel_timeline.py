"""Ticks, instants, segments: exact whatever the numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.timeline import (
    SAMPLES_PER_TICK,
    TICKS_PER_PART,
    TICKS_PER_SEGMENT,
    Timeline,
    first_tick_of,
    next_segment_start,
    segment_of,
)

EPOCH = datetime(2026, 10, 24, tzinfo=UTC)
ticks = st.integers(-10**9, 10**9)
instants = st.integers(-(10**15), 10**15).map(lambda microseconds: EPOCH + timedelta(microseconds=microseconds))


@given(ticks)
def test_a_tick_is_current_from_its_instant_until_the_next(tick: int) -> None:
    timeline = Timeline(EPOCH)
    begins = timeline.instant_of(tick)
    assert timeline.tick_at(begins) == tick
    assert timeline.tick_at(begins + timedelta(microseconds=39_999)) == tick
    assert timeline.tick_at(begins - timedelta(microseconds=1)) == tick - 1
    assert timeline.instant_of(tick + 1) - begins == timedelta(milliseconds=40)


@given(instants)
def test_an_instant_lies_within_its_tick_in_every_zone(instant: datetime) -> None:
    timeline = Timeline(EPOCH)
    tick = timeline.tick_at(instant)
    assert timeline.instant_of(tick) <= instant < timeline.instant_of(tick + 1)
    assert timeline.tick_at(instant.astimezone(timezone(timedelta(hours=3, minutes=30)))) == tick


@given(ticks)
def test_segments_hold_their_ticks_and_start_where_the_next_is_said_to(tick: int) -> None:
    segment = segment_of(tick)
    assert first_tick_of(segment) <= tick < first_tick_of(segment + 1)
    start = next_segment_start(tick)
    assert start % TICKS_PER_SEGMENT == 0
    assert tick <= start < tick + TICKS_PER_SEGMENT


def test_parts_fill_segments_and_samples_fill_ticks() -> None:
    assert TICKS_PER_SEGMENT % TICKS_PER_PART == 0
    assert SAMPLES_PER_TICK == 1920
