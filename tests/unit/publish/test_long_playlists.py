"""Lists of long segments over all histories of runs, holes and inits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.publish.listing import Listing, read
from tests.unit.publish.test_playlists import starts_at

from allpoints.kernel.timeline import Timeline
from allpoints.publish.ladder import LADDERS, Rung, Slot, UnitName
from allpoints.publish.long_segments import (
    GROUP,
    LongName,
    LongSegment,
    long_playlist,
    low_master_playlist,
    segments_of,
)
from allpoints.publish.playlists import Run, run_of

TIMELINE = Timeline(datetime(2031, 3, 1, 6, tzinfo=UTC))
LOWEST = [rung for rung in LADDERS["large"].rungs if rung.has_long]


@dataclass(frozen=True)
class History:
    """All groups since the beginning, and the runs that they were made in."""

    rung: Rung
    runs: list[Run]
    groups: list[LongSegment]

    def listing(self, begin: int, end: int) -> Listing:
        return read(long_playlist(self.rung, self.groups[begin:end], self.runs, TIMELINE))


@st.composite
def histories(draw: st.DrawFn) -> History:
    rung = draw(st.sampled_from(LOWEST))
    segment, runs = draw(st.integers(0, 10_000_000)), []
    for generation in range(1, draw(st.integers(2, 6))):
        runs.append(Run(segment, {rung.name: f"init-{draw(st.sampled_from('aab'))}.mp4"}, generation))
        segment += draw(st.integers(1, 14))
    groups = []
    for group in range(runs[0].segment // GROUP, segment // GROUP + 1):
        there = [each for each in segments_of(group) if each >= runs[0].segment and draw(st.integers(0, 9))]
        inits = {each: run_of(runs, each).inits for each in there}
        kept = [each for each in there if inits[each] == inits[there[0]]]
        groups.append(LongSegment(LongName(group, draw(st.integers(1, 9))), kept))
    return History(rung, runs, groups)


@given(histories())
def test_numbers_are_the_groups_and_a_group_without_anything_is_a_gap(history: History) -> None:
    listing = history.listing(0, len(history.groups))
    assert listing.first == history.groups[0].name.group
    for made, entry in zip(history.groups, listing.entries, strict=True):
        assert (entry.uri, entry.gap) == (made.name.file_name, not made.segments)
        assert entry.seconds is not None
        assert round(entry.seconds) <= int(listing.headers["EXT-X-TARGETDURATION"])


@given(histories())
def test_every_long_segment_can_be_dated_to_its_first_sample(history: History) -> None:
    reached = None
    for made, entry in zip(history.groups, history.listing(0, len(history.groups)).entries, strict=True):
        reached = entry.begins_at or reached
        if made.segments:
            assert reached is not None
            assert abs(reached - starts_at(history.rung, Slot(made.segments[0]))) < timedelta(milliseconds=2)
            reached += timedelta(seconds=entry.seconds or 0)


@given(histories(), st.data())
def test_a_group_keeps_its_discontinuity_number_for_ever(history: History, data: st.DataObject) -> None:
    whole = history.listing(0, len(history.groups)).discontinuity_numbers()
    begin = data.draw(st.integers(0, len(history.groups) - 1))
    part = history.listing(begin, len(history.groups)).discontinuity_numbers()
    assert part.items() <= whole.items()


@given(histories())
def test_an_init_segment_changes_only_where_the_list_says_so(history: History) -> None:
    init = None
    for made, entry in zip(history.groups, history.listing(0, len(history.groups)).entries, strict=True):
        assert entry.init is None or entry.discontinuity or init is None
        init = entry.init or init
        for segment in made.segments:
            assert run_of(history.runs, segment).inits[history.rung.name] == init
    for run in history.runs[1:]:
        numbers = {entry.uri for entry in history.listing(0, len(history.groups)).entries if entry.discontinuity}
        assert any(f"-{run.segment // GROUP}x" in (uri or "") for uri in numbers)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_no_name_is_that_of_a_unit(number: int, generation: int) -> None:
    name = LongName(number, generation)
    assert LongName.read(name.file_name) == name
    assert UnitName.read(name.file_name) is None
    for part in (None, 3):
        assert LongName.read(UnitName(Slot(number, part), generation).file_name) is None


def test_the_master_of_weak_lines_has_the_lowest_renditions_alone() -> None:
    ladder = LADDERS["large"]
    text = low_master_playlist(ladder, {rung.name: "x" for rung in ladder.rungs}, "fa")
    files = [line for line in text.splitlines() if not line.startswith("#")]
    assert files == ["v144/long.m3u8", "a32/long.m3u8", "opus16/long.m3u8"]
    assert 'AUDIO="a32"' in text
    assert 'URI="a32/long.m3u8"' in text
    assert "a64" not in text
