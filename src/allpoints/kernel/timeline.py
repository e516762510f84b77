"""Ticks, samples and segments: the one timeline that pictures and sound are cut on.

Time on air is counted in *ticks* of 1/25 s since the gathering's epoch. A tick carries one picture and 1,920
samples of 48 kHz sound, so both tracks share exact integer arithmetic and never drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

TICKS_PER_SECOND = 25
SAMPLE_RATE = 48_000
SAMPLES_PER_TICK = SAMPLE_RATE // TICKS_PER_SECOND
TICKS_PER_SEGMENT = 50
TICKS_PER_PART = 10


@dataclass(frozen=True)
class Timeline:
    """Maps ticks to instants. ``epoch`` is the aware UTC instant of tick 0."""

    epoch: datetime

    def tick_at(self, instant: datetime) -> int:
        """The tick that is current at ``instant`` (floor)."""
        return (instant - self.epoch) * TICKS_PER_SECOND // timedelta(seconds=1)

    def instant_of(self, tick: int) -> datetime:
        """When ``tick`` begins."""
        return self.epoch + timedelta(seconds=1) * tick / TICKS_PER_SECOND


def segment_of(tick: int) -> int:
    """The HLS media sequence number of the segment that holds ``tick``."""
    return tick // TICKS_PER_SEGMENT


def first_tick_of(segment: int) -> int:
    """The first tick of a segment."""
    return segment * TICKS_PER_SEGMENT


def next_segment_start(tick: int) -> int:
    """The first segment boundary at or after ``tick``."""
    return -(-tick // TICKS_PER_SEGMENT) * TICKS_PER_SEGMENT
