"""The contract of a clock, kept by the machine's own and by the one that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from allpoints.kernel.clock import (
    LOOK_EVERY,
    SHIFT_VARIABLE,
    Clock,
    ManualClock,
    ShiftedClock,
    SystemClock,
    clock_of_process,
)

START = datetime(2026, 10, 24, 12, tzinfo=UTC)


@pytest.fixture(params=["system", "manual", "shifted"])
def clock(request: pytest.FixtureRequest, tmp_path: Path) -> Clock:
    clocks: dict[str, Clock] = {
        "system": SystemClock(), "manual": ManualClock(START), "shifted": ShiftedClock(tmp_path / "shift"),
    }
    return clocks[request.param]


def test_now_is_an_aware_utc_instant(clock: Clock) -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_sleeping_lets_both_clocks_pass(clock: Clock) -> None:
    now, monotonic = clock.now(), clock.monotonic()
    clock.sleep(0.02)
    assert clock.monotonic() - monotonic >= 0.02
    assert clock.now() - now >= timedelta(seconds=0.015)


@pytest.mark.parametrize("seconds", [0, -1, -0.0])
def test_sleeping_no_time_returns_at_once(clock: Clock, seconds: float) -> None:
    before = clock.monotonic()
    clock.sleep(seconds)
    assert 0 <= clock.monotonic() - before < 0.5


def test_monotonic_time_never_goes_back(clock: Clock) -> None:
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


def test_a_step_of_the_wall_clock_leaves_monotonic_time_alone() -> None:
    clock = ManualClock(START)
    clock.step(-3600)
    assert clock.now() == START - timedelta(hours=1)
    assert clock.monotonic() == 0
    clock.advance(2)
    assert (clock.now(), clock.monotonic()) == (START - timedelta(minutes=59, seconds=58), 2)


def test_a_file_steps_the_shifted_clock_and_nothing_else(tmp_path: Path) -> None:
    file, machine = tmp_path / "shift", SystemClock()
    clock = clock_of_process({SHIFT_VARIABLE: str(file)})

    def shift() -> float:
        clock.sleep(LOOK_EVERY * 1.2)
        return (clock.now() - machine.now()).total_seconds()

    assert shift() == pytest.approx(0, abs=0.05)
    file.write_text("-3600")
    before = clock.monotonic()
    assert shift() == pytest.approx(-3600, abs=0.05)
    assert 0 < clock.monotonic() - before < 2
    file.write_text("soon")
    assert shift() == pytest.approx(0, abs=0.05)
    file.write_text("7200")
    assert shift() == pytest.approx(7200, abs=0.05)
    file.unlink()
    assert shift() == pytest.approx(0, abs=0.05)


def test_a_process_that_is_not_of_the_demo_goes_by_the_machines_clock() -> None:
    assert type(clock_of_process({})) is SystemClock
