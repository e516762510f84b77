"""What the drill's viewer computes from what came and when."""

from __future__ import annotations

import pytest

from allpoints.app.drill.viewing import HOLD_BACK, Arrival, Number, listing_of, resumed_after, stalled

PLAYLIST = """#EXTM3U
#EXT-X-MEDIA-SEQUENCE:40
#EXTINF:2.00000,
40.m4s
#EXT-X-GAP
#EXTINF:2.00000,
41.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-2.mp4"
#EXT-X-PART:DURATION=0.40000,URI="42.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.40000,URI="42.1.m4s"
#EXTINF:2.00000,
42.m4s
#EXT-X-PART:DURATION=0.40000,URI="43.0.m4s",GAP=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="43.1.m4s"
"""


def segments(*at: float | None, first: int = 1) -> list[Arrival]:
    """Segments of two seconds that arrive at these instants; None is a gap that is known when the next one comes."""
    rows = []
    for place, moment in enumerate(at):
        known = moment if moment is not None else next(later for later in at[place:] if later is not None)
        rows.append(Arrival(Number(first + place), 2.0, moment is None, known))
    return rows


def test_a_playlist_is_read_with_its_gaps_and_parts() -> None:
    listing = listing_of(PLAYLIST)
    assert listing.first == 40
    assert [(row.number.segment, row.name, row.gap) for row in listing.segments] == [
        (40, "40.m4s", False), (41, "41.m4s", True), (42, "42.m4s", False)]
    assert [(row.number, row.gap) for row in listing.parts] == [
        (Number(42, 0), False), (Number(42, 1), False), (Number(43, 0), True)]


def test_a_player_that_gets_each_segment_in_time_never_stands_still() -> None:
    assert stalled(segments(0, 2, 4, 6, 8, 10), newest_then=2) == 0


@pytest.mark.parametrize(("late", "still"), [(HOLD_BACK - 2.5, 0.0), (HOLD_BACK, 0.0), (HOLD_BACK + 3, 3.0)])
def test_it_stands_still_for_what_its_buffer_does_not_cover(late: float, still: float) -> None:
    assert stalled(segments(0, 0 + late, first=1), newest_then=1) == pytest.approx(still)


def test_it_jumps_over_a_hole_as_soon_as_it_knows_of_it() -> None:
    assert stalled(segments(0, 2, None, None, 8, 10, 12), newest_then=2) == 0
    assert stalled(segments(0, 2, None, None, None, 14, 16), newest_then=2) == pytest.approx(14 - (2 + HOLD_BACK))


def test_what_was_late_before_the_fault_does_not_count() -> None:
    assert stalled(segments(0, 30, 32, 34), newest_then=2) == 0


def test_the_first_new_part_is_the_one_after_the_silence() -> None:
    assert resumed_after([9.8, 10.1, 13.4, 13.8, 14.2], since=10, until=15) == pytest.approx(3.4)
    assert resumed_after([9.8, 10.2, 10.6, 11.5, 11.9], since=10, until=12) == pytest.approx(0.2)
    assert resumed_after([9.8], since=10, until=18) == 8
