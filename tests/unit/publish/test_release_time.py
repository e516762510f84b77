"""When a unit may leave."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.timeline import SAMPLE_RATE, SAMPLES_PER_TICK
from allpoints.publish.ladder import LADDERS, AudioRung, Slot, start_and_length
from allpoints.publish.releaser import is_due

CODEC_REACH = {"aac": 2 * 1024, "libopus": 960 + 312}
"""How many samples, counted from its start, a coded frame tells of."""

slots = st.builds(Slot, st.integers(0, 10**8), st.sampled_from([None, 0, 1, 2, 3, 4]))


@given(slots, st.integers(1, 750))
def test_a_unit_is_due_once_all_of_it_is_older_than_the_delay(slot: Slot, delay: int) -> None:
    due = next(now for now in range(slot.end_tick, slot.end_tick + delay + 10) if is_due(slot, now, delay))
    assert is_due(slot, due + 1, delay)
    for rung in LADDERS["large"].audio:
        assert isinstance(rung, AudioRung)
        start, length = start_and_length(rung, slot)
        told_until = start + length - rung.frame + CODEC_REACH[rung.codec]
        assert due * SAMPLES_PER_TICK - told_until >= delay * SAMPLES_PER_TICK
    assert due - slot.end_tick - delay <= SAMPLE_RATE // SAMPLES_PER_TICK // 5, "the guard costs more than 0.2 s"


@given(slots)
def test_without_a_delay_nothing_waits(slot: Slot) -> None:
    assert is_due(slot, -1, 0)
