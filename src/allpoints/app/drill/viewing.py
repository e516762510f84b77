"""What a viewer gets, computed from what they could fetch and when: holes, stalls, the first new part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

HOLD_BACK = 6.0
"""Seconds behind the newest segment that an ordinary player keeps: three target durations (RFC 8216bis, 6.3.3)."""


SILENCE = 1.5
"""Seconds without a new part that are no mere unevenness: parts are 0.4 s long."""


class Number(NamedTuple):
    """Which segment, and which part of it; -1 is the whole segment."""

    segment: int
    part: int = -1


@dataclass(frozen=True)
class Listed:
    """One line of a media playlist: ``seconds`` long; a ``gap`` never comes."""

    number: Number
    name: str
    seconds: float
    gap: bool


@dataclass(frozen=True)
class Listing:
    """A media playlist. ``first`` is its media sequence number."""

    first: int
    segments: Sequence[Listed]
    parts: Sequence[Listed]


@dataclass(frozen=True)
class Arrival:
    """A segment or a gap, and when the viewer knew of it: monotonic seconds."""

    number: Number
    seconds: float
    gap: bool
    at: float


def listing_of(playlist: str) -> Listing:
    """Read a media playlist."""
    first = re.search(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)", playlist, re.MULTILINE)
    segment = start = int(first[1]) if first else 0
    segments: list[Listed] = []
    parts: list[Listed] = []
    seconds, gap, part = 0.0, False, 0
    for line in playlist.splitlines():
        tag, _, value = line.partition(":")
        if tag == "#EXTINF":
            seconds = float(value.split(",")[0])
        elif tag == "#EXT-X-GAP":
            gap = True
        elif tag == "#EXT-X-PART":
            fields = dict(re.findall(r'([A-Z-]+)="?([^",]*)', value))
            parts.append(Listed(Number(segment, part), fields["URI"], float(fields["DURATION"]), "GAP" in fields))
            part += 1
        elif line and not line.startswith("#"):
            segments.append(Listed(Number(segment), line, seconds, gap))
            segment, gap, part = segment + 1, False, 0
    return Listing(start, segments, parts)


def stalled(arrivals: Sequence[Arrival], newest_then: int) -> float:
    """Seconds for which a player stands still after the moment when segment ``newest_then`` was the newest.

    It played ``HOLD_BACK`` behind until then. It plays each segment as soon as the one before it ends and it is
    there, and jumps over a gap as soon as it knows of it.
    """
    rows = sorted(arrivals, key=lambda arrival: arrival.number)
    before = [row for row in rows if row.number.segment <= newest_then and not row.gap]
    if not before:
        return 0.0
    plays_until, still = before[-1].at + HOLD_BACK, 0.0
    for row in rows:
        if row.number.segment > newest_then:
            starts = max(plays_until, row.at)
            still += starts - plays_until
            plays_until = starts if row.gap else starts + row.seconds
    return still


def resumed_after(arrivals: Sequence[float], since: float, until: float) -> float:
    """Seconds from ``since`` to the first part after the silence that began then; to the first part if none did.

    The longest silence counts, for parts that were under way may still come in the first moment.
    """
    moments = [since, *sorted(at for at in arrivals if since < at < until)]
    if len(moments) < 2:
        return until - since
    end = max(range(1, len(moments)), key=lambda index: moments[index] - moments[index - 1])
    return moments[end if moments[end] - moments[end - 1] > SILENCE else 1] - since
