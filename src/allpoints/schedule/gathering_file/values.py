"""What dates, times and lengths of time in a gathering file mean; None for what means nothing."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

TimeOfDay = timedelta | datetime
"""Local time since midnight of the day's date, or an instant given with its offset."""

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_LENGTH = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4}):([0-9]{2})")
_LONGEST = timedelta(days=7)
_YEARS = range(1990, 2201)


def calendar_date(written: str | date) -> date | None:
    """A date, or its ISO 8601 text, of a year in which a gathering can be held."""
    if isinstance(written, str):
        try:
            written = date.fromisoformat(written)
        except ValueError:
            return None
    return written if written.year in _YEARS else None


def time_of_day(written: str | time | datetime) -> TimeOfDay | None:
    """``"9:30"``, ``"09:30:15"``, ``"24:00"`` (midnight at the end), a TOML local time, or an instant with offset."""
    if isinstance(written, datetime):
        return written if written.tzinfo is not None and written.year in _YEARS else None
    if isinstance(written, time):
        return datetime.combine(date.min, written) - datetime.min  # noqa: DTZ901 - a difference of naive times
    found = _CLOCK.fullmatch(written)
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    since_midnight = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return since_midnight if minutes < 60 and seconds < 60 and since_midnight <= timedelta(hours=24) else None


def length_of_time(written: str | float) -> timedelta | None:
    """``"4:30"``, ``"90:00"``, ``"1:02:00"``, or a number of seconds; longer than nothing and at most a week."""
    if isinstance(written, str):
        found = _LENGTH.fullmatch(written)
        if not found:
            return None
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if seconds >= 60 or (minutes >= 60 and found[1]):
            return None
        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    elif 0 < written <= _LONGEST.total_seconds():
        length = timedelta(seconds=written)
    else:
        return None
    return length if timedelta(0) < length <= _LONGEST else None


def spoken_time(local: datetime) -> str:
    """A local time as it is written in the file: ``09:30``, ``09:30:15``."""
    return local.strftime("%H:%M:%S" if local.second else "%H:%M")


def spoken_length(length: timedelta) -> str:
    """A length of time as it is written in the file: ``4:30``; parts of a second are left out."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"
