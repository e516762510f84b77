"""Local times and the instants they mean, at the hours when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stand_ins.plans import ZONES, clock_changes

from allpoints.schedule.local_times import Repeated, Skipped, instant_of


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("zone", "skipped", "resumes"), [
    ("Europe/Lisbon", "2026-03-29 01:00", "2026-03-29 02:00"),
    ("Europe/Lisbon", "2026-03-29 01:59:59", "2026-03-29 02:00"),
    ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00"),  # midnight itself is missing
    ("Asia/Tehran", "2022-03-22 00:30", "2022-03-22 01:00"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 02:30"),  # clocks move by half an hour
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-31 00:00"),  # a whole day is missing
])
def test_a_time_that_clocks_jump_over_does_not_exist(zone: str, skipped: str, resumes: str) -> None:
    assert instant_of(local(skipped), ZoneInfo(zone)) == Skipped(local(resumes))


@pytest.mark.parametrize(("zone", "repeated", "offsets"), [
    ("Europe/Lisbon", "2026-10-25 01:30", (60, 0)),
    ("America/Sao_Paulo", "2019-02-16 23:30", (-120, -180)),
    ("Asia/Tehran", "2022-09-21 23:15", (270, 210)),
    ("Pacific/Apia", "2012-04-01 03:30", (840, 780)),
])
def test_a_time_that_clocks_show_twice_has_two_instants(zone: str, repeated: str, offsets: tuple[int, int]) -> None:
    found = instant_of(local(repeated), ZoneInfo(zone))
    assert isinstance(found, Repeated)
    assert tuple(instant.utcoffset() for instant in (found.earlier, found.later)) == tuple(
        timedelta(minutes=minutes) for minutes in offsets)
    assert found.later.astimezone(UTC) > found.earlier.astimezone(UTC)


@pytest.mark.parametrize(("zone", "since"), [("America/Sao_Paulo", 2020), ("Asia/Tehran", 2023)])
def test_zones_that_have_given_up_summer_time_have_neither(zone: str, since: int) -> None:
    start = datetime(since, 1, 1)  # noqa: DTZ001 - a local time
    hours = (start + timedelta(minutes=30 * n) for n in range(2 * 24 * 365))
    assert all(isinstance(instant_of(hour, ZoneInfo(zone)), datetime) for hour in hours)


@given(st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), clock_changes(zone))))
def test_every_instant_is_found_again_by_its_local_time(where: tuple[str, datetime]) -> None:
    zone, instant = ZoneInfo(where[0]), where[1]
    found = instant_of(instant.astimezone(zone).replace(tzinfo=None, fold=0), zone)
    assert not isinstance(found, Skipped)
    assert instant in ((found.earlier.astimezone(UTC), found.later.astimezone(UTC))
                       if isinstance(found, Repeated) else (found,))


@given(st.sampled_from(ZONES).flatmap(lambda zone: st.tuples(st.just(zone), clock_changes(zone))), st.integers(0, 96))
def test_a_skipped_time_is_no_instants_local_time_and_the_time_named_is(
    where: tuple[str, datetime], quarter: int
) -> None:
    zone = ZoneInfo(where[0])
    wanted = where[1].replace(tzinfo=None) + timedelta(minutes=15 * quarter)
    found = instant_of(wanted, zone)
    if isinstance(found, Skipped):
        assert found.resumes > wanted
        assert isinstance(instant_of(found.resumes, zone), datetime)
        just_before = instant_of(found.resumes - timedelta(seconds=1), zone)
        assert isinstance(just_before, Skipped)
    elif isinstance(found, datetime):
        assert found.astimezone(zone).replace(tzinfo=None) == wanted
