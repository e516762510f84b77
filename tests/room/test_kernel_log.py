"""The log: lines for people and programs, bounded in every direction, and never in anybody's way."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.stand_ins.logs import lines_of

from allpoints.kernel import log as log_module
from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Level, Log, kept_log

NOW = datetime(2031, 5, 2, 9, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.beneath(tmp_path)
    folders.log.mkdir()
    return folders


def a_log(folders: Folders, shown: list[str] | None = None) -> Log:
    return Log("stage", folders, ManualClock(NOW), ([] if shown is None else shown).append)


def test_what_is_said_is_shown_and_stands_in_the_file_with_its_context(folders: Folders) -> None:
    shown: list[str] = []
    log = a_log(folders, shown)
    log.start()
    log.trouble("the disk is slow")
    log.say(Event.AIRING, "Lamps: on_air", shown=False, source="opening-film", airing="a-1")
    log.close()
    assert shown == ["the disk is slow"]
    assert lines_of(folders.log / "stage.jsonl") == [
        {"at": "2031-05-02T09:00:00Z", "process": "stage", "event": "trouble", "level": "warning",
         "sentence": "the disk is slow"},
        {"at": "2031-05-02T09:00:00Z", "process": "stage", "event": "airing", "level": "info",
         "sentence": "Lamps: on_air", "source": "opening-film", "airing": "a-1"},
    ]
    assert (folders.log / "stage.jsonl").stat().st_mode & 0o077 == 0


def test_a_process_tells_its_name_at_the_terminal(folders: Folders, capfd: pytest.CaptureFixture[str]) -> None:
    with kept_log("ingest", folders, ManualClock(NOW)) as log:
        log.say(Event.PLAN, "planned")
    assert capfd.readouterr().out.split(maxsplit=1)[1] == "ingest     planned\n"


def test_files_are_turned_over_and_only_so_many_are_kept(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "LARGEST_FILE", 2_000)
    for number in range(60):  # one log each, so that each line is a write of its own
        log = a_log(folders)
        log.start()
        log.say(Event.TROUBLE, f"line {number} " + "x" * 200, level=Level.ERROR)
        log.close()
    files = sorted(path.name for path in folders.log.iterdir())
    assert files == ["stage.1.jsonl", "stage.2.jsonl", "stage.3.jsonl", "stage.jsonl"]
    assert all((folders.log / name).stat().st_size <= 2_000 for name in files)
    assert "line 59 " in lines_of(folders.log / "stage.jsonl")[-1]["sentence"]


def test_a_full_disk_costs_lines_and_nothing_else(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    real, disk = os.write, {"is_full": True}
    taken = threading.Semaphore(0)

    def write(descriptor: int, block: bytes) -> int:
        try:
            if not disk["is_full"]:
                return real(descriptor, block)
            real(descriptor, block[:10])
            raise OSError(28, "No space left on device")
        finally:
            taken.release()

    monkeypatch.setattr(os, "write", write)
    log = a_log(folders)
    log.start()
    log.trouble("nobody reads this")
    assert taken.acquire(timeout=10)
    disk["is_full"] = False
    log.trouble("room again")
    log.close()
    torn, *whole = (folders.log / "stage.jsonl").read_bytes().splitlines()
    assert len(torn) == 10
    assert [b"lines could not be written" in line for line in whole] == [True, False]
    assert b"room again" in whole[-1]


def test_a_terminal_that_is_held_up_holds_up_nobody(folders: Folders) -> None:
    held = threading.Event()

    def show(_: str) -> None:
        held.wait(30)

    log = Log("stage", folders, ManualClock(NOW), show)
    log.start()
    for number in range(3 * log_module.MOST_WAITING):
        log.trouble(str(number))
    assert log._waiting.qsize() <= log_module.MOST_WAITING
    held.set()
    log.close()
    sentences = [line["sentence"] for line in lines_of(folders.log / "stage.jsonl")]
    assert "0" in sentences
    assert len(sentences) < 2 * log_module.MOST_WAITING


def test_a_log_that_cannot_be_made_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("this is no folder")
    with kept_log("stage", Folders.beneath(tmp_path), ManualClock(NOW)) as log:
        log.say(Event.TROUBLE, "still here", shown=False)
