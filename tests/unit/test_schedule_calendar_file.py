"""Calendar files, read back by a calendar reader."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from tests.stand_ins.plans import FOLDER, SMALL_FILE, gatherings

from allpoints.schedule.calendar_file import calendar_file
from allpoints.schedule.gathering_file.reading import read_gathering
from allpoints.schedule.model import Gathering

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def small_gathering() -> Gathering:
    gathering = read_gathering(SMALL_FILE.encode(), FOLDER).gathering
    assert gathering
    return gathering


def events(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).events)


def utc(instant: date) -> datetime:
    assert isinstance(instant, datetime)
    return instant.astimezone(UTC)


@settings(deadline=None, max_examples=30)
@given(gatherings())
def test_a_calendar_reads_the_same_instants_and_identities(gathering: Gathering) -> None:
    read = events(calendar_file(gathering, NOW, language="en"))
    sessions = [session for day in gathering.days for session in day.sessions]
    assert [(str(event["uid"]), utc(event.start), utc(event.end)) for event in read] == [
        (session.guid, session.starts_at.replace(microsecond=0), session.ends_at.replace(microsecond=0))
        for session in sessions
    ]


def test_times_are_in_the_gatherings_zone_with_its_rules() -> None:
    gathering = small_gathering()
    content = calendar_file(gathering, NOW, language="en").decode()
    assert "DTSTART;TZID=Europe/Lisbon:20261024T180000" in content
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/Lisbon" in content
    assert len(content) < 4000
    zones = icalendar.Calendar.from_ical(content).timezones
    rules = zones[0].to_tz(lookup_tzid=False)
    summer = datetime(2026, 10, 24, 17, tzinfo=UTC)
    assert summer.astimezone(rules).utcoffset() == summer.astimezone(ZoneInfo("Europe/Lisbon")).utcoffset()


def test_one_session_can_be_taken_alone_in_another_language() -> None:
    gathering = small_gathering()
    opening = gathering.days[0].sessions[0]
    (event,) = events(calendar_file(gathering, NOW, language="fa", session=opening.guid))
    assert event["summary"] == "Opening"
    assert event["description"] == "Inês Faria"
    with pytest.raises(KeyError):
        calendar_file(gathering, NOW, language="en", session="nobody's")


def test_an_hour_that_comes_twice_is_given_in_utc() -> None:
    later = SMALL_FILE.replace('ends = "00:30"', "ends = 2026-10-25T01:30:00Z")
    gathering = read_gathering(later.encode(), FOLDER).gathering
    assert gathering
    content = calendar_file(gathering, NOW, language="en").decode()
    assert "DTEND:20261025T013000Z" in content
