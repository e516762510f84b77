"""The days of a gathering file, in order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.day_times import DayTimes
from allpoints.schedule.gathering_file.layout import DAY, SESSION
from allpoints.schedule.gathering_file.rows import Row
from allpoints.schedule.gathering_file.sessions import Cast, read_session
from allpoints.schedule.gathering_file.uniqueness import Uniqueness
from allpoints.schedule.gathering_file.values import spoken_time
from allpoints.schedule.model import Day, Person, Session, SourceRef, SourceSpec

_Timed = TypeVar("_Timed", Day, Session)


def read_days(
    top: Row, slug: str, zone: ZoneInfo | None, persons: Mapping[str, Person],
    sources: Mapping[SourceRef, SourceSpec],
) -> tuple[Day, ...]:
    """All days whose times are known, and their sessions likewise, each in order of time."""
    problems = top.page.problems
    cast = Cast(slug, persons, sources, Uniqueness(problems, complaints.DUPLICATE_GUID))
    dates = Uniqueness(problems, complaints.DUPLICATE_DAY)
    days: list[tuple[Day, Row]] = []
    for row in top.rows("days", DAY):
        row.check_keys()
        date = row.date("date")
        if date is not None:
            dates.claim(str(date), row.at("date"), date=str(date))
        times = DayTimes.read(row, date, zone)
        read = [(read_session(each, times, cast), each) for each in row.rows("sessions", SESSION)]
        sessions = _by_time([(session, each) for session, each in read if session])
        if date is None or times is None:
            continue
        _note_overlapping_sessions(sessions, times.span.zone)
        days.append((
            Day(date, times.span.starts_at, times.span.ends_at, tuple(session for session, _ in sessions)), row,
        ))
    days = _by_time(days)
    if zone:
        _note_overlapping_days(days, zone)
    return tuple(day for day, _ in days)


def _by_time(timed: Sequence[tuple[_Timed, Row]]) -> list[tuple[_Timed, Row]]:
    return sorted(timed, key=lambda pair: pair[0].starts_at)


def _overlaps(timed: Sequence[tuple[_Timed, Row]]) -> list[tuple[_Timed, Row, _Timed, Row]]:
    """Each one that starts before an earlier one has ended, with the earlier one that lasts longest."""
    found = []
    for index, (each, row) in enumerate(timed[1:], start=1):
        other, other_row = max(timed[:index], key=lambda pair: pair[0].ends_at)
        if each.starts_at < other.ends_at:
            found.append((each, row, other, other_row))
    return found


def _note_overlapping_sessions(sessions: Sequence[tuple[Session, Row]], zone: ZoneInfo) -> None:
    for session, row, other, other_row in _overlaps(sessions):
        row.complain(
            "starts", complaints.SESSIONS_OVERLAP, session=_called(session), other=_called(other),
            starts=spoken_time(session.starts_at.astimezone(zone)), line=other_row.at().line,
            ends=spoken_time(other.ends_at.astimezone(zone)),
        )


def _note_overlapping_days(days: Sequence[tuple[Day, Row]], zone: ZoneInfo) -> None:
    for day, row, other, _ in _overlaps(days):
        if day.date != other.date:  # the same date twice is noted already
            ends = other.ends_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            row.complain("starts", complaints.DAYS_OVERLAP, date=str(day.date), other=str(other.date), ends=ends)


def _called(session: Session) -> str:
    return next(iter(session.title.texts.values()))
