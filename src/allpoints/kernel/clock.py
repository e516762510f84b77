"""The only module that reads a clock."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

SHIFT_VARIABLE = "ALLPOINTS_CLOCK_SHIFT"
"""Names the file of a ``ShiftedClock``. The demo and the drill set it for their processes, nobody else."""

LOOK_EVERY = 0.1


class Clock(Protocol):
    """Wall time for people and names, monotonic time for waiting."""

    def now(self) -> datetime:
        """The wall clock as an aware UTC instant. It may step in either direction."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back, not even across processes of one boot."""

    def sleep(self, seconds: float) -> None:
        """Block the calling thread; returns at once when ``seconds`` is not positive."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


class ShiftedClock(SystemClock):
    """The machine's clocks, the wall clock shifted by the seconds that a file says; no file, no shift.

    So the demo and the drill step the clock of a gathering and never that of the machine. The file is looked at
    every 100 ms at most; monotonic time is untouched.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._look_at = float("-inf")
        self._written: tuple[int, int] | None = None
        self._shift = timedelta()

    def now(self) -> datetime:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._look()
        return super().now() + self._shift

    def _look(self) -> None:
        try:
            stat = self._file.stat()
            if (written := (stat.st_mtime_ns, stat.st_ino)) != self._written:
                self._shift = timedelta(seconds=float(self._file.read_text()))
                self._written = written
        except (OSError, ValueError, OverflowError):
            self._shift, self._written = timedelta(), None


def clock_of_process(environment: Mapping[str, str] | None = None) -> Clock:
    """The clock by which this process goes: the machine's, unless the demo or the drill started it."""
    file = (os.environ if environment is None else environment).get(SHIFT_VARIABLE)
    return ShiftedClock(Path(file)) if file else SystemClock()


class ManualClock:
    """A clock that moves only when told to; passes the same contract tests as the system's."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass: both clocks move."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock forward or back, as an administrator or NTP would; monotonic time does not move."""
        self._now += timedelta(seconds=seconds)
