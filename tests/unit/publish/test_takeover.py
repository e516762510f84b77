"""When a standby takes the air and a stage gives it up; two machines behind any partition, on any clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.publish.air import Air, Role, next_generation
from allpoints.publish.ladder import Slot, UnitName
from allpoints.publish.takeover import LEAST_ASKED, RESTART_SECONDS, Signs, begins_after, is_gone, stands_down

SINCE = datetime(2031, 3, 1, tzinfo=UTC)
LIMIT = 4.0


def air(generation: int, role: Role = Role.ON_AIR, machine: str = "north") -> Air:
    return Air(generation, role, machine, SINCE)


def test_a_lost_request_and_a_long_sleep_of_ones_own_are_no_death() -> None:
    signs = Signs.begin(0.0).heard(0.5, 10)
    assert not is_gone(signs.not_heard(), 1.5, LIMIT)
    after_sleep = signs.not_heard()
    assert not is_gone(after_sleep, 3600.0, LIMIT), "one miss after an hour of our own sleep says nothing of the peer"
    assert not is_gone(after_sleep.heard(3600.5, 11), 3600.5, LIMIT)
    assert not is_gone(Signs.begin(0.0).heard(0.5, 10).heard(3600.0, 10), 3600.0, LIMIT)


def test_a_peer_that_has_just_gone_on_air_has_the_release_delay_and_a_start_before_it_counts_as_dead() -> None:
    signs = Signs.begin(0.0)
    for at in (60.0, 60.5, 61.0):
        signs = signs.heard(at, -1)
    assert not is_gone(signs, 61.0, LIMIT), "the limit counts from its first answer, not from our own start"
    for at in (61.5, 70.5):
        signs = signs.heard(at, -1)
    assert is_gone(signs, 70.5, LIMIT)
    assert not is_gone(signs, 70.5, LIMIT, delay=30.0), "what it makes is still held back"


def test_silence_for_the_limit_is_death_and_not_before() -> None:
    signs = Signs.begin(0.0).heard(10.0, 7)
    for _ in range(LEAST_ASKED):
        signs = signs.not_heard()
    assert not is_gone(signs, 10.0 + LIMIT - 0.01, LIMIT)
    assert is_gone(signs, 10.0 + LIMIT, LIMIT)


def test_a_peer_that_answers_and_releases_nothing_is_given_the_time_of_a_restart() -> None:
    signs = Signs.begin(0.0).heard(10.0, 7)
    for _ in range(LEAST_ASKED):
        signs = signs.heard(10.0 + LIMIT, 7)
    assert not is_gone(signs, 10.0 + LIMIT + RESTART_SECONDS - 0.01, LIMIT)
    assert is_gone(signs, 10.0 + LIMIT + RESTART_SECONDS, LIMIT)
    assert not is_gone(signs.heard(30.0, 8), 30.0, LIMIT)


@given(st.lists(st.tuples(st.floats(0.1, 3.9), st.booleans()), max_size=60))
def test_who_is_heard_more_often_than_the_limit_is_never_gone(steps: list[tuple[float, bool]]) -> None:
    now, silent, signs = 0.0, 0.0, Signs.begin(0.0)
    for number, (pause, answered) in enumerate(steps):
        now, silent = now + pause, silent + pause
        if answered:
            signs, silent = signs.heard(now, number), 0.0
        else:
            signs = signs.not_heard()
        assert not (is_gone(signs, now, LIMIT) and silent < LIMIT)


@pytest.mark.parametrize(("own", "peer", "expected"), [
    (air(1), None, False),
    (air(1), air(2), True),
    (air(2), air(1), False),
    (air(1), air(2, Role.STANDBY), False),
    (air(1, Role.STANDBY), air(2), False),
    (air(3, machine="a"), air(3, machine="b"), True),
    (air(3, machine="b"), air(3, machine="a"), False),
])
def test_the_lower_of_two_on_air_stands_down_and_one_of_equals(own: Air, peer: Air | None, expected: bool) -> None:
    assert stands_down(own, peer) is expected


@given(st.integers(0, 10**6), st.booleans(), st.integers(0, 10**6))
def test_two_machines_never_come_to_the_same_generation(seen: int, is_second: bool, of_the_other: int) -> None:
    mine = next_generation(seen, is_second=is_second)
    assert mine > seen
    assert mine != next_generation(of_the_other, is_second=not is_second)
    assert next_generation(mine, is_second=is_second) > mine


@dataclass
class Machine:
    """A machine of the pair as the rules drive it: what it knows, and what it has published."""

    is_second: bool
    clock_ahead: int
    air: Air = field(init=False)
    signs: Signs = field(default_factory=lambda: Signs.begin(0.0))
    newest: int = -1
    heard_newest: int = -1
    is_up: bool = True

    def __post_init__(self) -> None:
        role = Role.STANDBY if self.is_second else Role.ON_AIR
        self.air = Air(0 if self.is_second else 1, role, "south" if self.is_second else "north", SINCE)

    def hear(self, other: Machine | None, now: int) -> None:
        """One request, answered or lost, and what follows from it."""
        if other is None:
            self.signs = self.signs.not_heard()
        else:
            self.heard_newest = max(self.heard_newest, other.newest)
            if other.air.role is Role.ON_AIR:
                self.signs = self.signs.heard(now, other.newest)
            else:
                self.signs = self.signs.not_heard()
            if stands_down(self.air, other.air):
                self.air = Air(other.air.generation, Role.STANDBY, self.air.machine, SINCE)
                self.signs = Signs.begin(now)
            elif self.air.role is Role.STANDBY:
                seen = max(self.air.generation, other.air.generation)
                self.air = Air(seen, Role.STANDBY, self.air.machine, SINCE)
        patience = LIMIT * (2 if self.is_second and other is not None else 1)
        if self.air.role is Role.STANDBY and self.air.generation and is_gone(self.signs, now, patience):
            generation = next_generation(self.air.generation, is_second=self.is_second)
            begins = begins_after(self.newest, self.heard_newest)
            self.air = Air(generation, Role.ON_AIR, self.air.machine, SINCE, begins)

    def publish(self, now: int, published: dict[str, tuple[str, int]]) -> None:
        """A segment each two seconds of its own clock, of contents that are its own."""
        segment = max(self.newest + 1, self.air.begins, (now + self.clock_ahead) // 2)
        name = UnitName(Slot(segment), self.air.generation).file_name
        assert published.setdefault(name, (self.air.machine, now)) == (self.air.machine, now), name
        self.newest = segment


LINKS = ["both", "first hears", "second hears", "none"]
links = st.lists(st.tuples(st.sampled_from(LINKS), st.booleans(), st.booleans()),
                 max_size=40)


@given(links, st.integers(-20, 20))
def test_behind_any_partition_no_name_is_written_twice_and_only_the_higher_survives(
    spells: list[tuple[str, bool, bool]], clock_ahead: int
) -> None:
    """Each spell is three seconds of a link, with either machine up or down; then ten spells of peace."""
    first, second = Machine(False, 0), Machine(True, clock_ahead)
    published: dict[str, tuple[str, int]] = {}
    now = 100
    for link, first_up, second_up in [("both", True, True), *spells, *[("both", True, True)] * 10]:
        for _ in range(3):
            now += 1
            first.is_up, second.is_up = first_up, second_up
            for machine, other, hears in (
                (first, second, link in ("both", "first hears")), (second, first, link in ("both", "second hears")),
            ):
                if machine.is_up:
                    machine.hear(other if hears and other.is_up else None, now)
            for machine in (first, second):
                if machine.is_up and machine.air.role is Role.ON_AIR and now % 2:
                    machine.publish(now, published)
    on_air = [machine for machine in (first, second) if machine.air.role is Role.ON_AIR]
    assert len(on_air) == 1
    assert on_air[0].air.generation == max(int(name[1:].split("-")[0]) for name in published)
