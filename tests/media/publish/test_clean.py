"""The program without graphics: made only when it is wanted, dumped like the rest, and served to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.room.publish.releasing import eventually
from tests.safety.publish.marked import CALM, MARKER, calm, magenta, marker
from tests.stand_ins.programs import tone
from tests.stand_ins.publishing import feed, publishing
from tests.stand_ins.released import Playlist

from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import decisions, record_dump
from allpoints.publish.ladder import CLEAN
from allpoints.publish.released import released_segments
from allpoints.stage.tap import ProgramTick

START = 1_000_000
FIRST = START // 50


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data", tmp_path / "memory")


def drawn_over(tick: int) -> ProgramTick:
    """Calm pictures with a graphic that covers all of them."""
    return ProgramTick(tick, MARKER[tick % 4], tone(tick, 300.0), CALM[tick % 4])


def released(folders: Folders, rung: str) -> Playlist:
    found = released_segments(folders, rung)
    return Playlist(found[0].init, found[0].segment, tuple(each.path for each in found))


def test_graphics_are_in_what_viewers_get_and_not_in_the_clean_program(folders: Folders) -> None:
    with publishing(folders, ladder="small", record_clean="on") as publisher:
        publisher.run_started(START)
        feed(publisher, map(drawn_over, range(START, START + 60)))
        for rung in (CLEAN, "v480"):
            eventually(lambda rung=rung: released_segments(folders, rung) != [])  # type: ignore[misc]
        assert CLEAN not in publisher.publication().renditions
    assert magenta(released(folders, "v480")) > 0.9
    assert magenta(released(folders, CLEAN)) < 0.001
    assert not (folders.public / CLEAN).exists()
    assert CLEAN not in (folders.public / "master.m3u8").read_text()


def test_a_dump_covers_the_clean_program_and_remembers_since_when(folders: Folders) -> None:
    with publishing(folders, ladder="small", record_clean="on", release_delay="2") as publisher:
        publisher.run_started(START)
        feed(publisher, map(marker, range(START, START + 60)))
        eventually(lambda: (folders.held / CLEAN / f"g1-{FIRST}.m4s").exists())
        until = record_dump(folders, START + 60)
        feed(publisher, map(calm, range(START + 60, START + 210)))
        eventually(lambda: released_segments(folders, CLEAN, after=until) != [])
    assert magenta(released(folders, CLEAN)) < 0.001
    (decision,), torn = decisions(folders)
    assert not torn
    assert decision.from_tick <= START < decision.end_tick == (until + 1) * 50


def test_nobody_pays_for_it_unasked(folders: Folders) -> None:
    with publishing(folders, ladder="small"):
        assert not list(folders.unserved.iterdir())
