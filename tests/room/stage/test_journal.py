"""The journal outlives crashes and bad disks, and never holds anybody up."""

import errno
import json
import os
import threading
import time
from pathlib import Path

import pytest
from tests.stand_ins.stage import TestSources
from tests.stand_ins.theatre import SLATE_SHADE, Theatre

from allpoints.stage.journal import Journal, Recollection, after_dump, read_lines, recollect
from allpoints.stage.protocol import Take


def write(path: Path, *entries: dict[str, object]) -> None:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))


def test_what_is_appended_is_on_the_disk_when_settled(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j" / "stage.jsonl")
    journal.start()
    journal.append("reserved", 5, until=255)
    assert journal.settled(5.0)
    assert [line["until"] for line in read_lines(tmp_path / "j" / "stage.jsonl")] == [255]
    journal.close()


def test_a_torn_last_line_is_passed_over_and_swallows_nothing(tmp_path: Path) -> None:
    path = tmp_path / "stage.jsonl"
    path.write_bytes(b'{"event": "reserved", "tick": 1, "until": 9}\n{"event": "reser')
    journal = Journal(path)
    journal.start()
    journal.append("reserved", 10, until=19)
    journal.close()
    assert recollect(path).reserved_until == 19


def test_a_missing_journal_recollects_nothing(tmp_path: Path) -> None:
    memory = recollect(tmp_path / "none.jsonl")
    assert memory.reserved_until == -1
    assert memory.airing is None


def test_a_disk_that_refuses_is_announced_once_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    path = folder / "stage.jsonl"
    troubles: list[str] = []
    journal = Journal(path, troubles.append)
    journal.start()
    folder.rmdir()
    journal.append("reserved", 1, until=11)
    assert not journal.settled(0.7)
    assert journal.lagging
    folder.mkdir()
    assert journal.settled(5.0)
    journal.close()
    assert recollect(path).reserved_until == 11
    assert [trouble.split(";")[0] for trouble in troubles[1:]] == ["The journal is written again"]
    assert str(folder) in troubles[0]


def test_a_disk_that_takes_half_a_block_has_each_line_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, room, written = tmp_path / "stage.jsonl", [25], os.write

    def write(descriptor: int, content: bytes) -> int:
        fits = content[: max(0, room[0] - os.fstat(descriptor).st_size)]
        if not fits:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written(descriptor, fits)

    monkeypatch.setattr(os, "write", write)
    journal = Journal(path)
    journal.start()
    for tick in range(30):
        journal.append("reserved", tick, until=tick + 250)
        journal.settled(0.01)
        room[0] += 20
    room[0] = 10**6
    assert journal.settled(5.0)
    journal.close()
    assert [line["tick"] for line in read_lines(path)] == list(range(30))
    assert all(line == b"\n" or line.startswith(b"{") for line in path.read_bytes().splitlines(keepends=True))


def test_a_disk_that_needs_seconds_holds_up_no_tick_and_no_take(tmp_path: Path) -> None:
    show = Theatre(tmp_path, TestSources({"a": 60, "b": 110}), [("a", None), ("b", None)])
    disk = threading.Event()

    def sync(_: int) -> None:
        disk.wait(20)

    show.journal._sync = sync
    began = time.monotonic()
    show.play(200, {50: show.ask(Take()), 120: show.ask(Take())})
    assert time.monotonic() - began < 10, "a start waits a second for the disk, the end two, and nothing else does"
    assert show.shades[50:53] == [SLATE_SHADE, 60, 60]
    assert show.shades[120:123] == [60, 110, 110]
    disk.set()
    assert show.journal.settled(5.0)
    on_air = [line["item"] for line in read_lines(show.path) if line.get("state") == "on_air"]
    assert on_air == ["item-0", "item-1"]


def test_the_last_airing_that_had_not_left_is_recollected(tmp_path: Path) -> None:
    path = tmp_path / "stage.jsonl"
    airing = {"event": "airing", "tick": 1, "airing": "x-1", "item": "i", "source": "s", "title": "t"}
    write(path, {**airing, "state": "on_air", "started_tick": 7}, {"event": "auto_next", "tick": 8, "armed": True})
    memory = recollect(path)
    assert memory.airing is not None
    assert memory.airing["started_tick"] == 7
    assert memory.auto_next
    write(path, {**airing, "state": "on_air", "started_tick": 7}, {**airing, "state": "leaving"})
    assert recollect(path).airing is None


def test_what_was_on_air_when_dumped_is_not_brought_back() -> None:
    memory = Recollection(9, {"airing": "x-1", "started_tick": 120}, "i", auto_next=True)
    assert after_dump(memory, 150).airing is None
    assert not after_dump(memory, 150).auto_next
    assert after_dump(memory, 100) is memory
