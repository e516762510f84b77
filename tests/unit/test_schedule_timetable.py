"""What is on now, what comes next, and what is when in a viewer's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stand_ins.plans import FOLDER, SMALL_FILE, ZONES, gatherings

from allpoints.schedule.gathering_file.reading import read_gathering
from allpoints.schedule.model import Gathering
from allpoints.schedule.timetable import Timetable, UnknownZone


@pytest.fixture
def timetable() -> Timetable:
    gathering = read_gathering(SMALL_FILE.encode(), FOLDER).gathering
    assert gathering
    return Timetable.of(gathering)


def titles(timetable: Timetable, at: datetime) -> tuple[str | None, str | None, bool]:
    moment = timetable.at(at)
    current, following = (
        session.title.in_language("en") if session else None for session in (moment.current, moment.following))
    return current, following, moment.day is not None


@pytest.mark.parametrize(("day", "hour", "minute", "expected"), [
    (24, 15, 59, (None, "Opening", False)),
    (24, 16, 0, (None, "Opening", True)),
    (24, 17, 0, ("Opening", "Night watch", True)),  # a start belongs to its session
    (24, 17, 45, (None, "Night watch", True)),  # an end does not
    (24, 23, 15, ("Night watch", "Closing", True)),  # after midnight in Lisbon
    (25, 3, 0, (None, "Closing", False)),
    (26, 10, 30, ("Closing", None, True)),
    (26, 12, 0, (None, None, False)),
])
def test_now_and_next(timetable: Timetable, day: int, hour: int, minute: int, expected: object) -> None:
    assert titles(timetable, datetime(2026, 10, day, hour, minute, tzinfo=UTC)) == expected


def test_how_long_still_and_how_long_until(timetable: Timetable) -> None:
    moment = timetable.at(datetime(2026, 10, 24, 17, 30, tzinfo=UTC))
    assert moment.remaining == timedelta(minutes=15)
    assert moment.until_following == timedelta(hours=5)
    assert timetable.at(datetime(2026, 10, 27, tzinfo=UTC)).until_following is None


def test_the_same_session_is_on_another_date_elsewhere(timetable: Timetable) -> None:
    lisbon, apia = timetable.in_zone("Europe/Lisbon"), timetable.in_zone("Pacific/Apia")
    assert [(day.date, len(day.sessions)) for day in lisbon] == [(date(2026, 10, 24), 2), (date(2026, 10, 26), 1)]
    assert [(day.date, len(day.sessions)) for day in apia] == [(date(2026, 10, 25), 2), (date(2026, 10, 26), 1)]
    night = lisbon[0].sessions[1]
    assert (night.starts.hour, night.ends.hour, night.days_later) == (23, 0, 1)
    assert apia[0].sessions[1].days_later == 0


def test_a_zone_that_does_not_exist_is_refused_with_a_sentence(timetable: Timetable) -> None:
    for zone in ("Europe/Atlantis", "../etc/passwd", "", "localtime"):
        with pytest.raises(UnknownZone):
            timetable.in_zone(zone)


@settings(deadline=None, max_examples=40)
@given(gatherings(), st.sampled_from(ZONES), st.integers(-10, 5000))
def test_everywhere_and_always_all_sessions_are_shown_once_in_order(
    gathering: Gathering, zone: str, minutes: int
) -> None:
    timetable = Timetable.of(gathering)
    days = timetable.in_zone(zone)
    shown = [each for day in days for each in day.sessions]
    assert [each.session for each in shown] == list(timetable.sessions)
    assert [day.date for day in days] == sorted({each.starts.date() for each in shown})
    # In UTC: a local time that happens twice equals nothing in another zone (PEP 495).
    assert [(each.starts.astimezone(UTC), each.ends.astimezone(UTC)) for each in shown] == [
        (session.starts_at, session.ends_at) for session in timetable.sessions]
    instant = gathering.days[0].starts_at + timedelta(minutes=minutes)
    moment = timetable.at(instant)
    later = [session.starts_at for session in timetable.sessions if session.starts_at > instant]
    assert moment.until_following == (min(later) - instant if later else None)
    assert moment.current is None or moment.current.starts_at <= instant < moment.current.ends_at
