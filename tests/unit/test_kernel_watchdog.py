"""When a silent process is taken to hang."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.supervision import Life
from allpoints.kernel.watchdog import BUSY_FACTOR, is_hung


def hung(silent: float, life: Life, *, is_ready: bool = True) -> bool:
    return is_hung(silent, life, limit=1.0, start_limit=30.0, is_ready=is_ready)


@pytest.mark.parametrize("life", [Life.STOPPED, Life.ASLEEP])
def test_whoever_sleeps_or_was_stopped_hangs_at_its_limit(life: Life) -> None:
    assert not hung(0.9, life)
    assert hung(1.0, life)


def test_whoever_computes_or_waits_for_a_disk_is_given_longer_but_not_for_ever() -> None:
    assert not hung(BUSY_FACTOR - 0.1, Life.AT_WORK)
    assert hung(BUSY_FACTOR, Life.AT_WORK)


def test_whoever_still_starts_is_given_longer_unless_it_was_stopped() -> None:
    assert not hung(29, Life.ASLEEP, is_ready=False)
    assert hung(30, Life.AT_WORK, is_ready=False)
    assert hung(1.0, Life.STOPPED, is_ready=False)


@given(st.floats(0, 0.99), st.sampled_from(list(Life)), st.booleans())
def test_nobody_who_spoke_within_the_limit_hangs(silent: float, life: Life, is_ready: bool) -> None:
    assert not hung(silent, life, is_ready=is_ready)
