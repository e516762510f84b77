from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from allpoints.contribute.feeds.jitter import TARGET_TICKS, WINDOW_TICKS, DepthWatch


def play(ticks: int, arrivals_per_tick: float, jitter: list[int]) -> tuple[list[int], int, int]:
    """A buffer that fills at ``arrivals_per_tick``, each arrival late by some ticks of jitter: depths, underruns and
    corrections."""
    watch, depths, taken, empty, corrections = DepthWatch(), [], 0, 0, 0
    for tick in range(ticks):
        arrived = TARGET_TICKS + int(tick * arrivals_per_tick) - jitter[tick % len(jitter)]
        depth = max(0, arrived - taken)
        depths.append(depth)
        correction = watch.correction(depth)
        corrections += correction != 0
        if depth == 0:
            empty += 1
        elif correction >= 0:
            taken += 1 + min(correction, depth - 1)
    return depths, empty, corrections


def test_a_steady_publisher_is_left_alone() -> None:
    assert play(5000, 1.0, [0, 1, 0, 2, 1])[2] == 0


def test_a_clock_that_runs_fast_does_not_pile_up_latency() -> None:
    depths, empty, corrections = play(20_000, 1.002, [0, 1, 2])
    assert max(depths[2000:]) <= TARGET_TICKS + 6
    assert empty == 0
    assert corrections >= 30


def test_a_clock_that_runs_slow_does_not_run_dry() -> None:
    depths, empty, corrections = play(20_000, 0.998, [0, 1, 2])
    assert empty == 0
    assert min(depths) >= 1
    assert corrections >= 30


def test_the_latency_that_a_stall_left_behind_is_cut_at_once() -> None:
    watch = DepthWatch()
    corrections = [watch.correction(TARGET_TICKS + 60) for _ in range(WINDOW_TICKS)]
    assert corrections[:-1] == [0] * (WINDOW_TICKS - 1)
    assert corrections[-1] == 60


@given(st.lists(st.integers(0, 120), max_size=400))
def test_at_most_one_correction_a_second_and_never_a_hold_from_nothing(depths: list[int]) -> None:
    watch = DepthWatch()
    corrections = [watch.correction(depth) for depth in depths]
    corrected = [tick for tick, correction in enumerate(corrections) if correction]
    assert all(later - earlier >= WINDOW_TICKS for earlier, later in pairwise(corrected))
    assert all(depth > 0 for depth, correction in zip(depths, corrections, strict=True) if correction < 0)
