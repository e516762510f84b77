"""The plan as an audience asks for it: what is on now, what comes next, what is when in my zone."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from allpoints.kernel.errors import AllpointsError
from allpoints.schedule.local_times import zone_names
from allpoints.schedule.model import Day, Gathering, Session


class UnknownZone(AllpointsError):
    """A viewer asks for a time zone that is not in the IANA database."""

    code = "unknown_zone"
    status = 404
    for_people = "There is no time zone “{zone}”. Choose one from the list."


@dataclass(frozen=True)
class Moment:
    """The plan at the instant ``at``; None where nothing is on, or nothing comes any more."""

    at: datetime
    day: Day | None
    current: Session | None
    following: Session | None

    @property
    def remaining(self) -> timedelta | None:
        """How long the current session still lasts."""
        return self.current.ends_at - self.at if self.current else None

    @property
    def until_following(self) -> timedelta | None:
        """How long until the following session starts."""
        return self.following.starts_at - self.at if self.following else None


@dataclass(frozen=True)
class LocalSession:
    """A session with its times in a viewer's zone."""

    session: Session
    starts: datetime
    ends: datetime

    @property
    def days_later(self) -> int:
        """On which following date it ends: 0 on the same, 1 when it crosses one midnight."""
        return (self.ends.date() - self.starts.date()).days


@dataclass(frozen=True)
class LocalDay:
    """All sessions that start on one date of a viewer's zone."""

    date: date
    sessions: tuple[LocalSession, ...]


@dataclass(frozen=True)
class Timetable:
    """A snapshot of the plan: ``days`` and ``sessions`` in order of time."""

    days: tuple[Day, ...]
    sessions: tuple[Session, ...]

    @classmethod
    def of(cls, gathering: Gathering) -> Self:
        """The timetable of a gathering."""
        days = sorted(gathering.days, key=lambda day: day.starts_at)
        sessions = (session for day in days for session in day.sessions)
        return cls(tuple(days), tuple(sorted(sessions, key=lambda session: session.starts_at)))

    def at(self, instant: datetime) -> Moment:
        """What is on and what comes. An end is no part of its session; of several, the last to start is current."""
        days = (day for day in self.days if day.starts_at <= instant < day.ends_at)
        on = [session for session in self.sessions if session.starts_at <= instant < session.ends_at]
        coming = (session for session in self.sessions if session.starts_at > instant)
        return Moment(instant, next(days, None), on[-1] if on else None, next(coming, None))

    def in_zone(self, zone: str) -> tuple[LocalDay, ...]:
        """All sessions, by the date on which they start in ``zone``, an IANA name. Raises UnknownZone."""
        if zone not in zone_names():
            raise UnknownZone(zone=zone)
        local = ZoneInfo(zone)
        sessions = (
            LocalSession(session, session.starts_at.astimezone(local), session.ends_at.astimezone(local))
            for session in self.sessions
        )
        by_date = itertools.groupby(sessions, key=lambda session: session.starts.date())
        return tuple(LocalDay(day, tuple(group)) for day, group in by_date)
