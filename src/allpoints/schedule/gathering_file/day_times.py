"""The times of one day of a gathering file: which date each belongs to, and which instant it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.rows import Row
from allpoints.schedule.gathering_file.values import TimeOfDay, spoken_time
from allpoints.schedule.local_times import Repeated, Skipped, instant_of
from allpoints.schedule.model import Day

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """From one UTC instant to a later one, with the zone in which people read them."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    @property
    def spoken(self) -> dict[str, str]:
        """Both ends as local times, for sentences."""
        return {"starts": spoken_time(self.starts_at.astimezone(self.zone)),
                "ends": spoken_time(self.ends_at.astimezone(self.zone))}


@dataclass(frozen=True)
class DayTimes:
    """A day's own span, and the rule for times within it.

    ``midnight`` begins the day's date, ``opens`` and ``closes`` are its span, all in naive local time.
    """

    span: Span
    midnight: datetime
    opens: datetime
    closes: datetime

    @classmethod
    def of(cls, day: Day, zone: ZoneInfo) -> Self:
        """Those of a day that is known already."""
        midnight = datetime.combine(day.date, time(0))
        return cls(Span(day.starts_at, day.ends_at, zone), midnight, _local(day.starts_at, midnight, zone),
                   _local(day.ends_at, midnight, zone))

    @classmethod
    def read(cls, row: Row, day: date | None, zone: ZoneInfo | None) -> Self | None:
        """The times of a ``[[days]]`` row; an end that is not after the start is on the next date."""
        starts, ends = row.time("starts"), row.time("ends")
        if day is None or zone is None or starts is None or ends is None:
            return None
        midnight = datetime.combine(day, time(0))
        opens, closes = _local(starts, midnight, zone), _local(ends, midnight, zone)
        if isinstance(ends, timedelta) and closes <= opens:
            closes += _ONE_DAY
        starts_at, ends_at = _instant(row, "starts", starts, opens, zone), _instant(row, "ends", ends, closes, zone)
        if starts_at is None or ends_at is None:
            return None
        span = Span(starts_at, ends_at, zone)
        if ends_at <= starts_at:
            row.complain("ends", complaints.DAY_ENDS_EARLY, date=str(day), **span.spoken)
            return None
        return cls(span, midnight, opens, closes)

    def session_span(self, row: Row, session: str) -> Span | None:
        """The times of a session of this day, which must lie within it."""
        starts, ends = row.time("starts"), row.time("ends")
        if starts is None or ends is None:
            return None
        zone = self.span.zone
        begin, end = self.local_times(starts, ends)
        starts_at, ends_at = _instant(row, "starts", starts, begin, zone), _instant(row, "ends", ends, end, zone)
        if starts_at is None or ends_at is None:
            return None
        span = Span(starts_at, ends_at, zone)
        if ends_at <= starts_at:
            row.complain("ends", complaints.SESSION_ENDS_EARLY, session=session, **span.spoken)
            return None
        if starts_at < self.span.starts_at or ends_at > self.span.ends_at:
            day = self.span.spoken
            row.complain("starts", complaints.OUTSIDE_DAY, session=session, opens=day["starts"], closes=day["ends"],
                         **span.spoken)
        return span

    def local_times(self, starts: TimeOfDay, ends: TimeOfDay) -> tuple[datetime, datetime]:
        """The naive local times that a session's two times mean on this day."""
        begin, end = self._within(starts), self._within(ends)
        if isinstance(ends, timedelta) and end <= begin and end + _ONE_DAY <= self.closes:
            end += _ONE_DAY
        return begin, end

    def _within(self, written: TimeOfDay) -> datetime:
        """The local time; in a day that reaches the next date, what is earlier than its start is on that date."""
        local = _local(written, self.midnight, self.span.zone)
        next_midnight = self.midnight + _ONE_DAY
        if isinstance(written, timedelta) and local < self.opens and self.closes >= next_midnight:
            local += _ONE_DAY
        return local


def _local(written: TimeOfDay, midnight: datetime, zone: ZoneInfo) -> datetime:
    if isinstance(written, timedelta):
        return midnight + written
    return written.astimezone(zone).replace(tzinfo=None)


def _instant(row: Row, name: str, written: TimeOfDay, local: datetime, zone: ZoneInfo) -> datetime | None:
    """The UTC instant of a key's time; a local time that does not exist or happens twice is noted."""
    if isinstance(written, datetime):
        return written.astimezone(UTC)
    instant = instant_of(local, zone)
    spoken = local.isoformat(" ", "minutes")
    if isinstance(instant, Skipped):
        resumes = instant.resumes.isoformat(" ", "minutes")
        row.complain(name, complaints.SKIPPED_TIME, local=spoken, zone=zone.key, resumes=resumes)
        return None
    if isinstance(instant, Repeated):
        row.complain(name, complaints.REPEATED_TIME, local=spoken, zone=zone.key,
                     earlier=instant.earlier.isoformat(), later=instant.later.isoformat())
        return None
    return instant
