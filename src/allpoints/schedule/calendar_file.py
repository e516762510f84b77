"""The plan for a calendar program (iCalendar, RFC 5545)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from allpoints.schedule.model import Gathering, Session

_YEAR = timedelta(days=366)
"""How far around the sessions the zone's rules are written out."""


def calendar_file(gathering: Gathering, now: datetime, *, language: str, session: str | None = None) -> bytes:
    """The whole gathering, or only the session with the guid ``session``, in ``language``: a ``text/calendar`` file.

    Times are in the gathering's zone by its IANA name, with its rules; UID is the session's guid, so that a file
    taken later updates what was taken before. Raises KeyError for an unknown guid.
    """
    sessions = {each.guid: each for day in gathering.days for each in day.sessions}
    chosen = list(sessions.values()) if session is None else [sessions[session]]
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Allpoints//Schedule//EN")
    calendar.add("version", "2.0")
    # A property that the standard does not name is written as it is, so its line breaks must be escaped here.
    calendar.add("x-wr-calname", icalendar.vText(gathering.title.in_language(language)))
    for each in chosen:
        calendar.add_component(_event(each, ZoneInfo(gathering.zone), now, language))
    if chosen:
        first, last = min(each.starts_at for each in chosen), max(each.ends_at for each in chosen)
        calendar.add_missing_timezones(first_date=(first - _YEAR).date(), last_date=(last + _YEAR).date())
    content: bytes = calendar.to_ical()
    return content


def _time(instant: datetime, zone: ZoneInfo) -> datetime:
    """In the zone, but for the second of two equal local times: a calendar would read it as the first (§3.3.5)."""
    local = instant.astimezone(zone)
    return instant if local.fold else local


def _event(session: Session, zone: ZoneInfo, now: datetime, language: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", session.guid)
    event.add("dtstamp", now)
    event.add("dtstart", _time(session.starts_at, zone))
    event.add("dtend", _time(session.ends_at, zone))
    event.add("summary", session.title.in_language(language))
    speakers = ", ".join(person.name.in_language(language) for person in session.persons)
    abstract = session.abstract.in_language(language) if session.abstract else ""
    if description := "\n".join(filter(None, (speakers, abstract))):
        event.add("description", description)
    return event
