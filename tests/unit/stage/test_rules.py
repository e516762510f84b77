"""When a take is refused, and with which words."""

import pytest

from allpoints.stage.protocol import Take
from allpoints.stage.rules import REMEMBERED_KEYS, StaleTake, TakeHistory, TooSoon, guard


def test_a_take_from_the_airing_that_is_on_air_passes() -> None:
    guard(Take(airing="a-1"), "a-1", TakeHistory(), 100.0)


def test_a_take_that_names_no_airing_passes() -> None:
    guard(Take(), "a-1", TakeHistory(), 100.0)


def test_a_take_from_an_airing_that_has_gone_is_stale() -> None:
    with pytest.raises(StaleTake) as refusal:
        guard(Take(airing="a-1"), "a-2", TakeHistory(), 100.0)
    assert refusal.value.status == 409


def test_a_second_take_within_a_second_is_told_how_long_to_wait() -> None:
    history = TakeHistory().taken("", "a-1", 100.0)
    with pytest.raises(TooSoon) as refusal:
        guard(Take(), "a-1", history, 100.4)
    assert refusal.value.status == 429
    assert refusal.value.values == {"wait_ms": 600}
    guard(Take(), "a-1", history, 101.0)


def test_a_key_is_remembered_with_the_airing_it_made() -> None:
    history = TakeHistory().taken("k", "a-1", 1.0)
    assert history.airing_of("k") == "a-1"
    assert history.airing_of("other") is None
    assert history.airing_of("") is None


def test_only_so_many_keys_are_remembered() -> None:
    history = TakeHistory()
    for number in range(REMEMBERED_KEYS + 5):
        history = history.taken(f"k{number}", f"a-{number}", float(number))
    assert len(history.by_key) == REMEMBERED_KEYS
    assert history.airing_of("k0") is None
