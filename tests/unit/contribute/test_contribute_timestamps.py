from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allpoints.contribute.rtmp.timestamps import JUMP_MS, Continuity

SOUND, PICTURE = 8, 9


def test_a_timeline_begins_at_zero() -> None:
    continuity = Continuity()
    assert [continuity.place(PICTURE, 5_000_000 + at, at / 1000) for at in (0, 40, 80)] == [0, 40, 80]


def test_a_jump_ahead_is_closed() -> None:
    continuity = Continuity()
    continuity.place(PICTURE, 0, 0.0)
    assert continuity.place(PICTURE, 600_000, 0.04) == 40
    assert continuity.place(PICTURE, 600_040, 0.08) == 80
    assert continuity.jumps == 1


def test_a_jump_back_is_closed() -> None:
    continuity = Continuity()
    continuity.place(PICTURE, 600_000, 0.0)
    assert continuity.place(PICTURE, 0, 0.04) == 40
    assert continuity.jumps == 1


def test_a_real_pause_is_no_jump() -> None:
    continuity = Continuity()
    continuity.place(PICTURE, 0, 0.0)
    assert continuity.place(PICTURE, 3000, 3.0) == 3000
    assert continuity.jumps == 0


def test_sound_that_still_brings_old_times_does_not_jump_back() -> None:
    continuity = Continuity()
    continuity.place(SOUND, 0, 0.0)
    continuity.place(PICTURE, 0, 0.0)
    assert continuity.place(PICTURE, 900_040, 0.04) == 40
    assert continuity.place(SOUND, 40, 0.041) == 40
    assert continuity.place(SOUND, 900_063, 0.06) == 63
    assert continuity.jumps == 1


@given(st.lists(st.tuples(st.sampled_from([SOUND, PICTURE]), st.integers(0, 2**32 - 1)), min_size=1, max_size=60))
def test_whatever_comes_in_each_track_runs_forward_without_a_jump(stamps: list[tuple[int, int]]) -> None:
    continuity = Continuity()
    last: dict[int, int] = {}
    newest = 0
    for turn, (track, stamp) in enumerate(stamps):
        out = continuity.place(track, stamp, turn * 0.02)
        assert out >= last.get(track, 0)
        assert out - newest <= JUMP_MS + 20
        last[track], newest = out, max(newest, out)


def test_a_jump_there_and_back_counts_twice_and_stops_nothing() -> None:
    continuity = Continuity()
    stamps = [0, 40, 9_000_000, 9_000_040, 40, 80]
    placed = [continuity.place(PICTURE, stamp, turn * 0.04) for turn, stamp in enumerate(stamps)]
    assert placed == [0, 40, 80, 120, 160, 200]
    assert continuity.jumps == 2
