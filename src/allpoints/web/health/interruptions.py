"""When the audience had nothing: read back from the stage's journal and from the runs that were published.

The journal has a line at least every five seconds, so that a hole is told at most so much longer than it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline, first_tick_of
from allpoints.publish.shelf import read_runs

TOLD = timedelta(hours=6)
MOST_READ = 1_000_000
"""Bytes of the journal's end that are read: more than six hours of it."""
SHORTEST_TICKS = TICKS_PER_SECOND
MOST_TOLD = 20


class Interruption(msgspec.Struct, frozen=True):
    """A time in which nothing was published; the first instant is up to five seconds early."""

    began_at: datetime
    ended_at: datetime


class OnAirHistory(msgspec.Struct, frozen=True):
    """``since``: the start of the run that is or was the last; None where none is known. Newest hole first."""

    since: datetime | None = None
    interruptions: list[Interruption] = []


def read_history(folders: Folders, timeline: Timeline, now: datetime) -> OnAirHistory:
    """The holes of the last six hours, shortly; takes some milliseconds."""
    holes = list(_of_journal(folders.journal))
    known = {end for _, end in holes}
    runs = [first_tick_of(run.segment) for run in read_runs(folders)]
    # A run that the stage did not begin was begun by its encoders, one segment or two after they gave up.
    holes += [(run - 2 * TICKS_PER_SECOND, run) for run in runs[1:] if run not in known]
    last = max((end for _, end in holes), default=None)
    told = [
        Interruption(timeline.instant_of(begin), timeline.instant_of(end))
        for begin, end in sorted(_joined(holes), reverse=True)
        if begin >= 0 and end - begin >= SHORTEST_TICKS and timeline.instant_of(end) > now - TOLD
    ]
    return OnAirHistory(None if last is None else timeline.instant_of(last), told[:MOST_TOLD])


def _of_journal(path: Path) -> Iterator[tuple[int, int]]:
    """For each run: the last tick before it that is known (−1 for none), and its first."""
    previous = last = -1
    for line in _end_of(path):
        if b'"tick"' not in line:
            continue
        try:
            entry = json.loads(line) if b'"run"' in line else {"tick": _tick_of(line)}
            tick = int(entry["tick"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if tick != last:
            previous, last = last, tick
        if entry.get("event") == "run":
            yield previous, tick


def _tick_of(line: bytes) -> int:
    """The tick of a line, without reading the rest of it: there are tens of thousands."""
    return int(line.split(b'"tick": ', 1)[1].split(b",", 1)[0].rstrip(b"}\n "))


def _end_of(path: Path) -> Sequence[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - MOST_READ))
            return file.read().splitlines()
    except OSError:
        return []


def _joined(holes: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Holes that touch or overlap as one; those without a known begin stay out of it."""
    current: tuple[int, int] | None = None
    for begin, end in sorted(hole for hole in holes if hole[0] >= 0):
        if current and begin <= current[1] + TICKS_PER_SECOND:
            current = (current[0], max(current[1], end))
        else:
            if current:
                yield current
            current = (begin, end)
    if current:
        yield current
