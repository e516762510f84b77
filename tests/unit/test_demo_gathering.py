"""The demo's gathering is a good gathering file, whenever it is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpoints.app.demo import cast
from allpoints.app.demo.gathering import HARBOUR_SOURCE, demo_gathering_toml
from allpoints.kernel.text.shaping import missing_characters
from allpoints.schedule.gathering_file import check_gathering_file, load_gathering_file

NOW = datetime(2031, 5, 17, 13, 37, 12, tzinfo=UTC)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A folder with an empty file for each clip."""
    for speaker in cast.SPEAKERS:
        (tmp_path / speaker.clip).touch()
    return tmp_path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.integers(0, 75 * 365 * 86_400).map(lambda seconds: NOW + timedelta(seconds=seconds)))
def test_it_has_no_problem_and_something_is_on_whenever_it_is_written(media: Path, now: datetime) -> None:
    path = media / "gathering.toml"
    path.write_text(demo_gathering_toml(now, media), encoding="utf-8")
    assert check_gathering_file(path) == []
    gathering = load_gathering_file(path)
    assert len(gathering.days) == 3
    assert any(session.starts_at <= now < session.ends_at for day in gathering.days for session in day.sessions)


def test_each_clip_and_the_live_harbour_are_in_the_rundown(media: Path) -> None:
    path = media / "gathering.toml"
    path.write_text(demo_gathering_toml(NOW, media, "a-stream-key-for-tests"), encoding="utf-8")
    gathering = load_gathering_file(path)
    assert {item.source for _, item in gathering.items()} == {*(s.key for s in cast.SPEAKERS), HARBOUR_SOURCE}
    live = next(source for source in gathering.sources if source.ref == HARBOUR_SOURCE)
    assert live.stream_key == "a-stream-key-for-tests"
    assert all(item.duration and item.lower_third for _, item in gathering.items())


def test_every_demo_gets_a_stream_key_of_its_own(tmp_path: Path) -> None:
    assert demo_gathering_toml(NOW, tmp_path) != demo_gathering_toml(NOW, tmp_path)


def test_every_word_of_the_demo_can_be_drawn(tmp_path: Path) -> None:
    stations = "".join(speaker.station + speaker.position for speaker in cast.SPEAKERS)
    assert missing_characters(demo_gathering_toml(NOW, tmp_path) + stations) == set()


def test_seven_languages_are_spoken_by_seven_people() -> None:
    assert len({speaker.spoken for speaker in cast.SPEAKERS}) == len(cast.SPEAKERS) == 7
    assert all(speaker.spoken in speaker.name for speaker in cast.SPEAKERS)
    assert all(15 <= speaker.seconds <= 40 for speaker in cast.SPEAKERS)
