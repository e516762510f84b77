"""When a unit may leave."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.timeline import SAMPLE_RATE, SAMPLES_PER_TICK, TICKS_PER_SECOND, first_tick_of
from allpoints.publish.ladder import LADDERS, AudioRung, Slot, start_and_length
from allpoints.publish.playlists import Run
from allpoints.publish.release_time import GUARD_TICKS, Position, age_ticks, is_due

CODEC_REACH = {"aac": 2 * 1024, "libopus": 960 + 312}
"""How many samples, counted from its start, a coded frame tells of."""

slots = st.builds(Slot, st.integers(0, 10**8), st.sampled_from([None, 0, 1, 2, 3, 4]))


@given(slots, st.integers(1, 750))
def test_a_unit_is_due_once_all_of_it_is_older_than_the_delay(slot: Slot, delay: int) -> None:
    run = Run(0, {}, 1)

    def due_at(tick: int) -> bool:
        return is_due(age_ticks(slot, run, Position(run, tick)), delay)

    due = next(now for now in range(slot.end_tick, slot.end_tick + delay + 10) if due_at(now))
    assert due_at(due + 1)
    for rung in LADDERS["large"].audio:
        assert isinstance(rung, AudioRung)
        start, length = start_and_length(rung, slot)
        told_until = start + length - rung.frame + CODEC_REACH[rung.codec]
        assert due * SAMPLES_PER_TICK - told_until >= delay * SAMPLES_PER_TICK
    assert due - slot.end_tick - delay <= SAMPLE_RATE // SAMPLES_PER_TICK // 5, "the guard costs more than 0.2 s"


@given(slots)
def test_without_a_delay_nothing_waits(slot: Slot) -> None:
    assert is_due(age_ticks(slot, Run(0, {}, 1), Position(None, -1)), 0)


@given(
    held=st.integers(0, 30), down=st.floats(0, 90_000), stepped=st.integers(1, 10**7), delay=st.integers(1, 750),
    later=st.integers(0, 2_000), noted=st.booleans(),
)
def test_however_the_clock_was_set_between_two_runs_nothing_is_due_before_the_delay_has_really_passed(
    held: int, down: float, stepped: int, delay: int, later: int, noted: bool
) -> None:
    """``held``: the unit's place in its run; ``down``: real seconds from its end to the next run, which begins
    ``stepped`` segments further on, whatever really passed."""
    run, slot = Run(1_000, {}, 1, 50.0 if noted else None), Slot(1_000 + held)
    played = (slot.end_tick - first_tick_of(run.segment)) / TICKS_PER_SECOND
    current = Run(slot.segment + stepped, {}, 1, 50.0 + played + down)
    now = Position(current, first_tick_of(current.segment) + later)
    really = down * TICKS_PER_SECOND + later
    if is_due(age_ticks(slot, run, now), delay):
        assert really >= delay
    elif noted:
        assert really < delay + GUARD_TICKS + 2


def test_before_the_first_tick_after_a_start_nothing_held_is_due() -> None:
    assert not is_due(age_ticks(Slot(7), Run(7, {}, 1, 1.0), Position(None, -1)), 1)
