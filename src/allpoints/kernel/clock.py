"""The only module that reads a clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


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
