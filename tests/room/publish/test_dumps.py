"""A decision to dump: made by any process, obeyed before anything more is released."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.room.publish.releasing import LADDER, eventually, finish, releasing, said_by

from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import AFTERMATH_TICKS, dumped_until_tick, dumps_path, record_dump
from allpoints.publish.releaser import POLL_SECONDS

DECIDER = """
import sys
from contextlib import suppress
from pathlib import Path
from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import record_dump

folders = Folders(Path(sys.argv[1]), Path(sys.argv[2]))
for line in sys.stdin:
    until = record_dump(folders, int(line))
    programs = []
    for path in folders.public.glob("*/*.m4s"):
        with suppress(FileNotFoundError):  # old parts go meanwhile
            if b"PROGRAM" in path.read_bytes():
                programs.append(path.parent.name + "/" + path.name)
    print(until, *programs, flush=True)
"""


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


class Decider:
    """Another process that decides to dump."""

    def __init__(self, folders: Folders) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", DECIDER, str(folders.data), str(folders.memory)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def ask(self, tick: int) -> None:
        assert self._child.stdin is not None
        print(tick, file=self._child.stdin, flush=True)

    def answer(self) -> tuple[int, set[str]]:
        """Until when, and which public files were program just after the decision."""
        assert self._child.stdout is not None
        until, *programs = self._child.stdout.readline().split()
        return int(until), set(programs)

    def close(self) -> None:
        self._child.communicate(timeout=10)


@pytest.fixture
def decider(folders: Folders) -> Iterator[Decider]:
    decider = Decider(folders)
    yield decider
    decider.close()


@pytest.mark.parametrize("low_latency", [False, True])
def test_what_another_process_dumps_is_overwritten_at_once_and_released_as_slate(
    folders: Folders, decider: Decider, low_latency: bool
) -> None:
    parts = range(5) if low_latency else None
    with releasing(folders, delay=200, low_latency=low_latency) as releaser:
        releaser.run_started(20)
        for segment in (20, 21, 22):
            finish(releaser, segment, parts)
        releaser.now_tick = 23 * 50
        eventually(lambda: all(f"{rung.name}/g1-22.m4s" in held or f"{rung.name}/g1-22.4.m4s" in held
                               for held in [said_by(folders, "held")] for rung in LADDER.rungs))
        assert set(said_by(folders, "held").values()) == {True}
        decider.ask(23 * 50)
        assert decider.answer() == (23, set())
        eventually(lambda: set(said_by(folders, "held").values()) == {False})
        finish(releaser, 23, parts)
        finish(releaser, 24, parts)
        eventually(lambda: any(said_by(folders, "held").values()))
        releaser.now_tick = 25 * 50 + 203
        eventually(lambda: not said_by(folders, "held"))
        assert releaser.dumped_until_segment == 23
    for name, is_program in said_by(folders, "public").items():
        assert is_program == name.split("/")[1].startswith("g1-24"), name


def test_a_decision_covers_what_the_fade_and_the_codec_still_tell(folders: Folders) -> None:
    assert record_dump(folders, 20 * 50 - 1) == 20
    assert record_dump(folders, 20 * 50 - 1 - AFTERMATH_TICKS) == 19


def test_a_clock_that_went_back_does_not_shrink_a_decision(folders: Folders) -> None:
    with releasing(folders, delay=200) as releaser:
        releaser.run_started(20)
        finish(releaser, 20)
        eventually(lambda: len(said_by(folders, "held")) == 4)
        assert record_dump(folders, 3) == 21, "what is held, and the segment that was in progress"


def test_a_decision_outlives_all_processes(folders: Folders, decider: Decider) -> None:
    with releasing(folders, delay=200) as releaser:
        releaser.run_started(20)
        finish(releaser, 20)
    decider.ask(20 * 50 + 30)
    decider.answer()
    assert set(said_by(folders, "held").values()) == {True}
    with releasing(folders, delay=200):
        assert set(said_by(folders, "held").values()) == {False}, "before the first unit can be released"


@pytest.mark.parametrize("line", [b'{"until_se', b"\n", b"\xff\n", b'{"until_segment": null}\n', b"7\n"])
def test_in_doubt_nothing_held_is_released_and_the_doubt_ends(folders: Folders, line: bytes) -> None:
    with releasing(folders, delay=200) as releaser:
        releaser.run_started(20)
        finish(releaser, 20)
        finish(releaser, 21)
    with dumps_path(folders).open("ab") as file:
        file.write(b'{"until_segment": 4, "tick": 200}\n' + line)
    with releasing(folders, delay=200) as releaser:
        assert set(said_by(folders, "held").values()) == {False}
        assert releaser.dumped_until_segment == 22
        releaser.run_started(23)
        finish(releaser, 23)
        releaser.now_tick = 24 * 50 + 203
        eventually(lambda: "a64/g1-23.m4s" in said_by(folders, "public"))
    assert {name for name, is_program in said_by(folders, "public").items() if is_program} == {
        f"{rung.name}/g1-23.m4s" for rung in LADDER.rungs
    }
    assert record_dump(folders, 30 * 50) == 30
    assert dumped_until_tick(folders) == 31 * 50


def test_a_decision_that_nobody_retreated_for_is_told_once_and_not_by_who_starts_after_it(folders: Folders) -> None:
    folders.make()
    told: list[str] = []
    record_dump(folders, 30 * 50)
    with releasing(folders, on_dump_elsewhere=lambda: told.append("left")):
        record_dump(folders, 30 * 50, retreated=True)
        time.sleep(3 * POLL_SECONDS)
        assert not told
        record_dump(folders, 30 * 50)
        eventually(lambda: len(told) == 1)
        dumps_path(folders).write_bytes(dumps_path(folders).read_bytes() + b'{"until_seg')
        eventually(lambda: len(told) == 2)
        time.sleep(3 * POLL_SECONDS)
        assert len(told) == 2


def test_decisions_that_cannot_be_read_stop_all_release(folders: Folders) -> None:
    troubles: list[str] = []
    with releasing(folders, troubles=troubles) as releaser:
        dumps_path(folders).mkdir()
        releaser.run_started(20)
        finish(releaser, 20)
        eventually(lambda: bool(troubles))
        assert not said_by(folders, "public")
        dumps_path(folders).rmdir()
        eventually(lambda: len(said_by(folders, "public")) == 4)


def test_where_slate_finds_no_room_dumped_units_are_taken_away(folders: Folders) -> None:
    troubles: list[str] = []
    with releasing(folders, delay=200, troubles=troubles) as releaser:
        releaser.run_started(20)
        finish(releaser, 20)
        eventually(lambda: len(said_by(folders, "held")) == 4)
        (folders.held / "a64" / f".g1-20.m4s.{os.getpid()}.draft").mkdir()  # writing there fails from now on
        record_dump(folders, 20 * 50)
        eventually(lambda: bool(troubles) and not any(said_by(folders, "held").values()))
        releaser.now_tick = 21 * 50 + 203
        eventually(lambda: len(said_by(folders, "public")) == 3)
        (folders.held / "a64" / f".g1-20.m4s.{os.getpid()}.draft").rmdir()
    assert "a64/g1-20.m4s" not in said_by(folders, "public") | said_by(folders, "held")
    assert not any(said_by(folders, "public").values())


def test_a_memory_folder_that_is_full_for_a_while_costs_no_unit_its_run(folders: Folders) -> None:
    troubles: list[str] = []
    draft = folders.memory / f".runs.json.{os.getpid()}.draft"
    with releasing(folders, troubles=troubles) as releaser:
        draft.mkdir()
        releaser.run_started(20)
        finish(releaser, 20)
        eventually(lambda: bool(troubles))
        assert not said_by(folders, "public"), "a name is not public before its run is remembered"
        draft.rmdir()
        eventually(lambda: len(said_by(folders, "public")) == 4)


def test_whatever_was_not_public_when_the_decision_returned_never_is(folders: Folders, decider: Decider) -> None:
    dice = random.Random(20310301)
    outcomes = set()
    with releasing(folders, delay=200, low_latency=True, retention=1_000) as releaser:
        releaser.run_started(100)
        for segment in range(100, 400, 5):
            finish(releaser, segment, range(5))
            eventually(lambda s=segment: (folders.held / "opus16" / f"g1-{s}.m4s").exists())  # type: ignore[misc]
            now = (segment + 1) * 50 + 203
            finish(releaser, segment + 4, range(1))  # wakes the release thread
            releaser.now_tick = now
            if segment % 3:
                time.sleep(dice.uniform(0, 0.004))
            if segment % 3 == 1:
                eventually(lambda s=segment: (folders.public / "opus16" / f"g1-{s}.m4s").exists())  # type: ignore[misc]
            decider.ask(segment * 50)
            until, programs_then = decider.answer()
            assert until >= segment
            eventually(lambda s=segment: (folders.public / "opus16" / f"g1-{s}.m4s").exists())  # type: ignore[misc]
            # A long segment is joined of what is public, so it may come later than that did.
            public = said_by(folders, "public").items()
            programs = {name for name, is_program in public if is_program and "x5" not in name}
            assert programs <= programs_then, "released after the decision"
            outcomes.add(f"opus16/g1-{segment}.m4s" in programs)
    assert outcomes == {True, False}, "the race was always won by the same side"
