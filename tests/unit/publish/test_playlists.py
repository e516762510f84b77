"""Playlists over all histories of runs, holes and windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.publish.listing import Listing, read

from allpoints.kernel.timeline import Timeline, segment_of
from allpoints.publish.ladder import LADDERS, AudioRung, Rung, Slot, UnitName
from allpoints.publish.playlists import (
    LISTED_PART_SEGMENTS,
    PART_TARGET,
    Run,
    Shelved,
    master_playlist,
    media_playlist,
)

TIMELINE = Timeline(datetime(2031, 3, 1, 6, tzinfo=UTC))
RUNGS = LADDERS["large"].rungs
PARTED = [rung for rung in RUNGS if rung.has_parts]


@dataclass(frozen=True)
class History:
    """What was released of one rendition: runs, and the units in order of release."""

    rung: Rung
    runs: list[Run]
    units: list[Slot]
    retention: int

    def name(self, slot: Slot) -> str:
        """What a slot is published as: the generation is that of the last run that began before it."""
        begun = [run for run in self.runs if run.segment <= slot.segment]
        return UnitName(slot, begun[-1].generation).file_name

    def steps(self, *, low_latency: bool) -> Iterator[tuple[Shelved, Listing]]:
        """The shelf and the playlist after each release."""
        segments: set[int] = set()
        parts: set[Slot] = set()
        for slot in self.units:
            known = [run for run in self.runs if run.segment <= slot.segment]
            if slot.part is None:
                segments.add(slot.segment)
            else:
                parts.add(slot)
                if all(Slot(slot.segment, part) in parts for part in range(5)):
                    segments.add(slot.segment)
            shelved = Shelved(frozenset(segments), frozenset(parts))
            yield shelved, read(media_playlist(
                self.rung, shelved, known, TIMELINE, retention_segments=self.retention, low_latency=low_latency,
                others=["other"] if low_latency else (),
            ))


@st.composite
def histories(draw: st.DrawFn, *, parted: bool) -> History:
    segment = draw(st.integers(0, 10_000_000))
    runs: list[Run] = []
    units: list[Slot] = []
    for number in range(draw(st.integers(1, 4))):
        length = draw(st.integers(1, 8))
        inits = {rung.name: f"init-{draw(st.sampled_from('aab'))}.mp4" for rung in RUNGS}
        runs.append(Run(segment, inits, draw(st.integers(runs[-1].generation if runs else 1, 9))))
        made = [Slot(each, part) for each in range(segment, segment + length)
                for part in (range(5) if parted else [None])]
        lost = draw(st.sets(st.sampled_from(made), max_size=2))
        cut = draw(st.integers(0, 4)) if parted else 0
        units += [slot for slot in made[: len(made) - cut] if slot not in lost]
        segment += length + draw(st.integers(0, 4)) + (number > 2)
    return History(draw(st.sampled_from(PARTED if parted else RUNGS)), runs, units, draw(st.integers(2, 12)))


def starts_at(rung: Rung, slot: Slot) -> datetime:
    """The instant of a unit's first sample, reckoned anew: the first codec frame at or after the tick."""
    if isinstance(rung, AudioRung):
        frames = -(-slot.first_tick * 1920 // rung.frame)
        return TIMELINE.epoch + timedelta(seconds=frames * rung.frame / 48_000)
    return TIMELINE.epoch + timedelta(seconds=slot.first_tick / 25)


def whole(listing: Listing) -> list[tuple[int, bool]]:
    return [(sequence, entry.gap) for sequence, entry in enumerate(listing.entries, listing.first) if entry.uri]


@given(histories(parted=False))
def test_numbers_are_the_clocks_and_missing_segments_are_gaps(history: History) -> None:
    before = -1
    for shelved, listing in history.steps(low_latency=False):
        assert [entry.uri for entry in listing.entries] == [
            history.name(Slot(number)) for number in range(listing.first, listing.first + len(listing.entries))
        ]
        assert listing.first == max(history.runs[0].segment, shelved.last - history.retention + 1) >= before
        assert whole(listing)[-1] == (shelved.last, False)
        assert all(gap == (number not in shelved.segments) for number, gap in whole(listing))
        assert all(segment_of(Slot(number).first_tick) == number for number, _ in whole(listing))
        before = listing.first


@given(st.booleans().flatmap(lambda parted: st.tuples(st.just(parted), histories(parted=parted))))
def test_a_segment_keeps_its_discontinuity_number_for_ever(drawn: tuple[bool, History]) -> None:
    parted, history = drawn
    seen: dict[int, int] = {}
    for _, listing in history.steps(low_latency=parted):
        for number, discontinuities in listing.discontinuity_numbers().items():
            assert seen.setdefault(number, discontinuities) == discontinuities
    for number, discontinuities in seen.items():
        assert discontinuities == sum(run.segment <= number for run in history.runs[1:])


@given(st.booleans().flatmap(lambda parted: st.tuples(st.just(parted), histories(parted=parted))))
def test_every_moment_can_be_dated_and_dates_follow_each_break(drawn: tuple[bool, History]) -> None:
    parted, history = drawn
    for _, listing in history.steps(low_latency=parted):
        reached, broken = None, True
        for number, entry in enumerate(listing.entries, listing.first):
            broken = broken or entry.discontinuity
            assert (entry.begins_at is not None) == (broken and not entry.gap)
            reached = entry.begins_at or reached
            if reached is not None:
                assert abs(reached - starts_at(history.rung, Slot(number))) < timedelta(milliseconds=1)
                reached += timedelta(seconds=entry.seconds or 0)
            broken = entry.gap


@given(st.booleans().flatmap(lambda parted: st.tuples(st.just(parted), histories(parted=parted))))
def test_every_segment_plays_with_the_init_of_its_run(drawn: tuple[bool, History]) -> None:
    parted, history = drawn
    for _, listing in history.steps(low_latency=parted):
        mapped = None
        for number, entry in enumerate(listing.entries, listing.first):
            mapped = entry.init or mapped
            run = [run for run in history.runs if run.segment <= number][-1]
            assert mapped == run.inits[history.rung.name]


@given(histories(parted=True))
def test_parts_lead_up_to_the_hint(history: History) -> None:
    before = -1
    for shelved, listing in history.steps(low_latency=True):
        newest = max(shelved.parts)
        following = newest.end_tick // 10
        at_newest = UnitName.read(history.name(newest))
        assert at_newest is not None
        assert listing.hint == replace(at_newest, slot=Slot(following // 5, following % 5)).file_name
        assert listing.reports == [
            {"URI": "../other/ll.m3u8", "LAST-MSN": str(newest.segment), "LAST-PART": str(newest.part)}
        ]
        assert listing.first + len(listing.entries) - 1 == newest.segment
        last_entry = listing.entries[-1]
        assert [part.uri for part in last_entry.parts] == [
            history.name(Slot(newest.segment, part)) for part in range((newest.part or 0) + 1)
        ]
        assert (last_entry.uri is None) == (newest.segment not in shelved.segments)
        assert all(entry.uri for entry in listing.entries[:-1])
        assert before <= listing.first
        assert len(listing.entries) <= history.retention + 1
        before = listing.first


@given(histories(parted=True))
def test_parts_are_listed_as_released_and_missing_ones_are_gaps(history: History) -> None:
    for shelved, listing in history.steps(low_latency=True):
        for number, entry in enumerate(listing.entries, listing.first):
            assert bool(entry.parts) == (not entry.gap and number > shelved.last - LISTED_PART_SEGMENTS)
            for position, part in enumerate(entry.parts):
                slot = Slot(number, position)
                assert part.uri == history.name(slot)
                assert part.gap == (slot not in shelved.parts)
                assert part.independent == (not part.gap and (position == 0 or isinstance(history.rung, AudioRung)))
                assert part.seconds <= PART_TARGET
            if entry.parts and entry.uri:
                assert entry.seconds is not None
                assert abs(sum(part.seconds for part in entry.parts) - entry.seconds) < 1e-4


def test_the_master_playlist_names_each_rendition_once_and_its_sound() -> None:
    for ladder in LADDERS.values():
        codecs = {rung.name: "avc1.64001F" if rung in ladder.video else "mp4a.40.2" for rung in ladder.rungs}
        text = master_playlist(ladder, codecs, "fa")
        files = [line for line in text.splitlines() if not line.startswith("#")]
        assert files == [f"{rung.name}/index.m3u8" for rung in ladder.rungs]
        groups = {line.split('GROUP-ID="')[1].split('"')[0] for line in text.splitlines() if "TYPE=AUDIO" in line}
        used = {line.split('AUDIO="')[1].split('"')[0] for line in text.splitlines() if ',AUDIO="' in line}
        assert used == groups
        assert 'LANGUAGE="fa"' in text


def test_the_low_latency_master_lists_only_what_has_parts() -> None:
    ladder = LADDERS["large"]
    text = master_playlist(ladder, {rung.name: "x" for rung in ladder.rungs}, "en", low_latency=True)
    files = [line for line in text.splitlines() if not line.startswith("#")]
    assert files == [f"{rung.name}/ll.m3u8" for rung in PARTED]
    assert 'AUDIO="a32"' not in text
