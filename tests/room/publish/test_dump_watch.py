"""Decisions and recordings of sources: erased, again after a kill, and not at all where the setting is off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stand_ins.flv_pieces import write_piece
from tests.stand_ins.publishing import TIMELINE

from allpoints.contribute.recording.gaps import GapLog, read_gaps
from allpoints.contribute.recording.pieces import sources_folder
from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import decisions, dumps_path, record_dump
from allpoints.publish.ladder import Slot, UnitName
from allpoints.publish.recording.dump_watch import MARGIN_TICKS, DumpWatch
from allpoints.publish.recording.ticks import SILENT_AFTER, ProgramTicks

PRESSED = 10_010
FIRST = 8_000


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    held = folders.held / "a64"
    held.mkdir()
    for segment in range(196, 200):  # four segments within the delay
        (held / UnitName(Slot(segment), 1).file_name).write_bytes(b"")
    return folders


@pytest.fixture
def pieces(folders: Folders) -> list[Path]:
    """Two minutes of one source, the program's dump in the middle of them."""
    folder = sources_folder(folders) / "harbour"
    return [
        write_piece(folder, TIMELINE.instant_of(tick), tick, first_ms=(tick - FIRST) * 40)
        for tick in range(FIRST, FIRST + 3_000, 250)
    ]


def watching(folders: Folders, now: Callable[[], int] = lambda: PRESSED, *, erases: bool = True) -> DumpWatch:
    return DumpWatch(folders, GapLog(folders), now, erases=erases)


def left(pieces: list[Path]) -> list[int]:
    return [FIRST + 250 * number for number, path in enumerate(pieces) if path.exists()]


def covered(folders: Folders) -> range:
    (decision,), _ = decisions(folders)
    return range(decision.from_tick - MARGIN_TICKS, decision.end_tick + MARGIN_TICKS)


def test_every_piece_that_touches_the_dump_goes_and_the_gap_is_told(folders: Folders, pieces: list[Path]) -> None:
    watch = watching(folders)
    watch.look()
    assert len(left(pieces)) == len(pieces)
    record_dump(folders, PRESSED)
    watch.look()
    span = covered(folders)
    assert span.start <= 196 * 50
    assert span.stop >= PRESSED
    assert left(pieces) == [
        tick for tick in range(FIRST, FIRST + 3_000, 250) if tick + 250 <= span.start or tick >= span.stop
    ]
    assert 0 < len(left(pieces)) < len(pieces)
    assert [(gap.what, gap.code) for gap in read_gaps(folders)] == [("harbour", "dumped")]
    assert watch.covers(PRESSED, PRESSED + 1)
    assert not watch.covers(FIRST, FIRST + 250)


def test_who_was_dead_when_it_was_decided_obeys_on_coming_back(folders: Folders, pieces: list[Path]) -> None:
    record_dump(folders, PRESSED)
    watching(folders, lambda: PRESSED + 10_000).look()
    assert len(left(pieces)) < len(pieces)


def test_what_comes_until_the_end_of_the_dump_is_erased_too_and_then_no_more(
    folders: Folders, pieces: list[Path]
) -> None:
    now = PRESSED
    record_dump(folders, PRESSED)
    watching(folders, lambda: now).look()
    late = write_piece(sources_folder(folders) / "harbour", TIMELINE.instant_of(PRESSED + 20), PRESSED + 20)
    watch = watching(folders, lambda: now)  # killed in between
    watch.look()
    assert not late.exists()
    now = PRESSED + 1_000
    watch.look()
    obeyed = (folders.recordings / "dumps-obeyed.jsonl").read_text()
    assert obeyed.count("until_segment") == 1
    again = write_piece(sources_folder(folders) / "harbour", TIMELINE.instant_of(PRESSED), PRESSED)
    watching(folders, lambda: now).look()
    assert again.exists(), "it was obeyed already: whoever puts something back means to"


def test_where_the_setting_is_off_nothing_is_erased_now_or_later(folders: Folders, pieces: list[Path]) -> None:
    watch = watching(folders, erases=False)
    record_dump(folders, PRESSED)
    watch.look()
    assert len(left(pieces)) == len(pieces)
    assert not watch.covers(PRESSED, PRESSED + 1)
    watching(folders).look()
    assert len(left(pieces)) == len(pieces)


def test_a_line_that_cannot_be_read_erases_what_it_may_have_meant(folders: Folders, pieces: list[Path]) -> None:
    dumps_path(folders).write_bytes(b'{"until_seg')
    watch = watching(folders)
    watch.look()
    assert len(left(pieces)) == len(pieces)  # it may be in the making
    watch.look()
    assert PRESSED - PRESSED % 250 not in left(pieces)
    assert FIRST in left(pieces)
    assert FIRST + 2_750 in left(pieces)


def test_the_tick_is_the_programs_and_no_clocks(folders: Folders) -> None:
    clock = ManualClock(TIMELINE.instant_of(5_000))
    ticks = ProgramTicks(folders, "a64", TIMELINE, clock)
    ticks.look()
    assert ticks.now() == 5_000  # nothing was finished yet: the wall's
    (folders.public / "a64").mkdir()
    (folders.public / "a64" / UnitName(Slot(200), 2).file_name).write_bytes(b"")
    ticks.look()
    clock.advance(1)
    clock.step(3_600)
    assert ticks.now() == 201 * 50 + 25
    clock.advance(SILENT_AFTER)
    ticks.look()
    assert ticks.now() == 5_000 + 3_600 * 25 + 25 + int(SILENT_AFTER * 25)
