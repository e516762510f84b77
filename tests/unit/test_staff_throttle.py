"""How often something may be tried."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from allpoints.staff.throttle import TokenBucket


@given(st.integers(1, 20), st.floats(0.1, 10), st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_in_no_stretch_of_time_is_more_granted_than_the_burst_and_the_rate(
    capacity: int, per_second: float, waits: list[float]
) -> None:
    bucket = TokenBucket(capacity, per_second, level=capacity, at=0.0)
    now, granted = 0.0, []
    for wait in waits:
        now += wait
        bucket, delay = bucket.take(now)
        if delay == 0:
            granted.append(now)
    for first, start in enumerate(granted):
        for last in range(first, len(granted)):
            assert last - first + 1 <= capacity + (granted[last] - start) * per_second + 1e-6


@given(st.floats(0.1, 10), st.integers(0, 30))
def test_after_the_wait_that_is_named_the_try_is_granted(per_second: float, tries: int) -> None:
    bucket = TokenBucket(5, per_second, level=5, at=0.0)
    for _ in range(tries):
        bucket, _ = bucket.take(0.0)
    bucket, delay = bucket.take(0.0)
    assert (delay > 0) == (tries >= 5)
    if delay:
        assert bucket.take(delay + 1e-9)[1] == 0
        assert bucket.take(delay - 1e-3)[1] > 0
