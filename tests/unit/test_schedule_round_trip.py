"""A gathering that is written as a file and read again is the same gathering."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stand_ins.plans import FOLDER, SMALL_FILE, gatherings

from allpoints.schedule.gathering_file import Severity, write_gathering_toml
from allpoints.schedule.gathering_file.reading import read_gathering
from allpoints.schedule.model import Gathering


@settings(deadline=None, max_examples=60)
@given(gatherings(), st.sampled_from([FOLDER, None]))
def test_any_gathering_survives_being_written_and_read(gathering: Gathering, folder: object) -> None:
    written = write_gathering_toml(gathering, folder=FOLDER if folder else None)
    reading = read_gathering(written.encode(), FOLDER)
    assert not [str(problem) for problem in reading.problems if problem.severity is Severity.ERROR]
    assert reading.gathering == gathering


def test_what_is_written_looks_like_what_people_write() -> None:
    gathering = read_gathering(SMALL_FILE.encode(), FOLDER).gathering
    assert gathering
    written = write_gathering_toml(gathering).split("\n")
    keys = {line for line in SMALL_FILE.split("\n") if not line.startswith(("key = \"opening", "key = \"night",
                                                                            "key = \"closing"))}
    assert keys <= set(written)


def test_a_path_beneath_the_folder_is_written_as_seen_from_it() -> None:
    text = SMALL_FILE.replace('kind = "rtmp"\nstream_key = "ccccDDDD_2222"', 'kind = "file"\npath = "media/a.mp4"')
    gathering = read_gathering(text.encode(), FOLDER).gathering
    assert gathering
    assert 'path = "media/a.mp4"' in write_gathering_toml(gathering, folder=FOLDER)
    assert f'path = "{FOLDER}/media/a.mp4"' in write_gathering_toml(gathering)


def test_a_day_longer_than_a_day_is_written_with_its_offset() -> None:
    text = SMALL_FILE.replace('ends = "12:00"', "ends = 2026-10-27T20:00:00Z").replace(
        '"10:00"\nends = "11:00"', "2026-10-27T18:00:00Z\nends = 2026-10-27T19:00:00Z")
    gathering = read_gathering(text.encode(), FOLDER).gathering
    assert gathering
    assert read_gathering(write_gathering_toml(gathering).encode(), FOLDER).gathering == gathering
