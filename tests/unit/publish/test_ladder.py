"""Units tile the timeline: every rung, parts and segments alike."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_SECOND
from allpoints.publish.encoders import Prepared
from allpoints.publish.fragments import Sample
from allpoints.publish.ladder import LADDERS, PARTS_PER_SEGMENT, AudioRung, Rung, Slot, UnitName, start_and_length
from allpoints.publish.playlists import PART_TARGET
from allpoints.publish.units import UnitBuilder, sample_length, slate_unit, slot_of_time

RUNGS = [*LADDERS["large"].rungs, *LADDERS["small"].video]
rungs = st.sampled_from(RUNGS)
segments = st.integers(0, 25 * 86_400 * 365 // 50)


def parts_of(segment: int) -> list[Slot]:
    return [Slot(segment, part) for part in range(PARTS_PER_SEGMENT)]


def rate_of(rung: Rung) -> int:
    return SAMPLE_RATE if isinstance(rung, AudioRung) else TICKS_PER_SECOND


@given(rungs, segments)
def test_segments_follow_one_another_without_hole_or_overlap(rung: Rung, segment: int) -> None:
    start, length = start_and_length(rung, Slot(segment))
    assert start + length == start_and_length(rung, Slot(segment + 1))[0]


@given(rungs, segments)
def test_the_parts_of_a_segment_tile_it(rung: Rung, segment: int) -> None:
    spans = [start_and_length(rung, slot) for slot in parts_of(segment)]
    assert spans[0][0] == start_and_length(rung, Slot(segment))[0]
    assert all(start + length == after for (start, length), (after, _) in pairwise(spans))
    assert sum(length for _, length in spans) == start_and_length(rung, Slot(segment))[1]


@given(rungs, segments)
def test_a_segment_begins_with_the_first_sample_at_or_after_its_tick(rung: Rung, segment: int) -> None:
    start, _ = start_and_length(rung, Slot(segment))
    late = start * TICKS_PER_SECOND - Slot(segment).first_tick * rate_of(rung)
    assert 0 <= late < sample_length(rung) * TICKS_PER_SECOND
    assert start % sample_length(rung) == 0


@given(rungs, segments, st.integers(0, PARTS_PER_SEGMENT - 1))
def test_a_part_keeps_to_the_part_target(rung: Rung, segment: int, part: int) -> None:
    if rung.has_parts:
        seconds = start_and_length(rung, Slot(segment, part))[1] / rate_of(rung)
        assert 0.85 * PART_TARGET <= seconds <= PART_TARGET


@given(rungs, segments, st.booleans())
def test_each_sample_lies_in_the_unit_it_starts_in(rung: Rung, segment: int, parted: bool) -> None:
    slots = parts_of(segment) if parted else [Slot(segment)]
    for slot in slots:
        start, length = start_and_length(rung, slot)
        times = range(start, start + length, sample_length(rung))
        assert {slot_of_time(rung, time, parted=parted) for time in times} == {slot}


@given(rungs, st.integers(0, 10_000_000), st.integers(1, 400), st.booleans())
def test_a_builder_hands_on_every_unit_that_is_whole(rung: Rung, run_segment: int, count: int, parted: bool) -> None:
    builder = UnitBuilder(rung, parted)
    start = start_and_length(rung, Slot(run_segment))[0]
    units = []
    for number in range(count):
        if unit := builder.add(Sample(start + number * sample_length(rung), b"\0\0\0\1\x65")):
            units.append(unit[0])
    slot, expected = Slot(run_segment, 0 if parted else None), []
    while sum(start_and_length(rung, slot)) <= start + count * sample_length(rung):
        expected.append(slot)
        part = slot.end_tick // 10
        slot = Slot(part // 5, part % 5 if parted else None)
    assert units == expected


@given(rungs, segments, st.sampled_from([None, *range(PARTS_PER_SEGMENT)]))
def test_slate_takes_the_room_that_program_would_have_taken(rung: Rung, segment: int, part: int | None) -> None:
    slot = Slot(segment, part)
    picture = tuple(Sample(tick, bytes([0, 0, 0, 2, 0x65, tick])) for tick in range(0, 50, sample_length(rung)))
    prepared = Prepared(b"", "", (Sample(0, b"quiet"),) if isinstance(rung, AudioRung) else picture)
    unit = slate_unit(rung, prepared, slot)
    start, length = start_and_length(rung, slot)
    at = unit.index(b"tfdt") + 8
    assert int.from_bytes(unit[at : at + 8]) == start
    at = unit.index(b"trun") + 8
    assert int.from_bytes(unit[at : at + 4]) * sample_length(rung) == length


@given(segments, st.sampled_from([None, *range(PARTS_PER_SEGMENT)]), st.integers(1, 10**8))
def test_a_name_tells_its_slot_and_whose_it_is(segment: int, part: int | None, generation: int) -> None:
    name = UnitName(Slot(segment, part), generation)
    assert UnitName.read(name.file_name) == name


@pytest.mark.parametrize("name", [
    "init-00c0ffee.mp4", "index.m3u8", ".g1-7.m4s.99.draft", "g1-7.m4s.draft", "m4s", ".m4s", "g1-.m4s",
    "g-7.m4s", "7.m4s", "g1-7.1.2.m4s", "g1-٣.m4s",
])
def test_other_files_have_no_slot(name: str) -> None:
    assert UnitName.read(name) is None
