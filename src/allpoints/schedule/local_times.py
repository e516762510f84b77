"""Local times of a zone and the instants they mean, without guessing where clocks change."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


@dataclass(frozen=True)
class Skipped:
    """A local time that no clock showed: clocks went forward over it. ``resumes`` is the local time just after."""

    resumes: datetime


@dataclass(frozen=True)
class Repeated:
    """A local time that clocks showed twice; both instants, with the zone's offset of the moment."""

    earlier: datetime
    later: datetime


def instant_of(local: datetime, zone: tzinfo) -> datetime | Skipped | Repeated:
    """The UTC instant at which clocks in ``zone`` show the naive ``local`` (PEP 495 tells how folds are found).

    ``local`` keeps a day's distance from the years 1 and 9999.
    """
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return first.astimezone(UTC)
    if before > after:
        return Repeated(first, second)
    return Skipped(_end_of_gap(local, zone))


def _end_of_gap(local: datetime, zone: tzinfo) -> datetime:
    """Both readings of a time in a gap lie on either side of the change: halve the distance down to it."""
    low = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old = low.astimezone(zone).utcoffset()
    while (high - low).total_seconds() > 1:
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high.replace(microsecond=0).astimezone(zone).replace(tzinfo=None)


def zone_names() -> frozenset[str]:
    """All IANA zones that this machine knows."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})
