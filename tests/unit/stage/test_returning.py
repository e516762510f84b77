"""How patient the stage is with a source that keeps being lost."""

from hypothesis import given
from hypothesis import strategies as st

from allpoints.stage.returning import FIRST_WAIT_TICKS, LONGEST_WAIT_TICKS, STEADY_TICKS, Patience


def test_a_first_loss_is_not_waited_for() -> None:
    assert Patience().lost(100).wait_ticks == 0


def test_each_loss_soon_after_a_return_doubles_the_wait() -> None:
    patience, waits, tick = Patience().lost(0), [], 0
    for _ in range(7):
        patience = patience.returned(tick).lost(tick + 10)
        waits.append(patience.wait_ticks)
        tick += 10 + patience.wait_ticks
    assert waits[:4] == [FIRST_WAIT_TICKS, 2 * FIRST_WAIT_TICKS, 4 * FIRST_WAIT_TICKS, 8 * FIRST_WAIT_TICKS]
    assert waits[-1] == LONGEST_WAIT_TICKS


def test_a_source_that_stayed_is_forgiven() -> None:
    assert Patience(400, returned_tick=0).lost(STEADY_TICKS + 1).wait_ticks == 0


@given(st.lists(st.integers(0, 1000), max_size=40))
def test_no_wait_is_longer_than_the_longest(stays: list[int]) -> None:
    patience, tick = Patience().lost(0), 0
    for stay in stays:
        patience = patience.returned(tick).lost(tick + stay)
        tick += stay
        assert 0 <= patience.wait_ticks <= LONGEST_WAIT_TICKS
