"""A full folder, a forgotten past, another version's encoder, an encoder that does not open: the room goes on."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.room.publish.releasing import LADDER, TIMELINE, eventually, finish, releasing, said_by
from tests.stand_ins.programs import flat

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import SAMPLES_PER_TICK
from allpoints.publish import dumps, workers
from allpoints.publish.dumps import record_dump
from allpoints.publish.encoders import AudioEncoder
from allpoints.publish.ladder import AudioRung
from allpoints.publish.publisher import Publisher
from allpoints.publish.shelf import read_runs, runs_path, write_runs
from allpoints.stage.tap import ProgramTick

STARTED_AT = datetime(2031, 3, 1, 7, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


def hold_a_segment(folders: Folders) -> None:
    with releasing(folders, delay=200) as releaser:
        releaser.run_started(20)
        finish(releaser, 20)
    assert len(said_by(folders, "held")) == 4


def test_a_full_folder_makes_room_for_a_decision_by_what_it_takes_away(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_a_segment(folders)
    append: Callable[[Path, bytes], None] = dumps._append

    def append_where_there_is_room(path: Path, line: bytes) -> None:
        if said_by(folders, "held"):
            raise OSError(errno.ENOSPC, "no room")
        append(path, line)

    monkeypatch.setattr(dumps, "_append", append_where_there_is_room)
    assert record_dump(folders, 20 * 50) == 21
    with releasing(folders, delay=200) as releaser:
        assert releaser.dumped_until_segment == 21
        releaser.run_started(22)
        finish(releaser, 22)
        releaser.now_tick = 23 * 50 + 203
        eventually(lambda: len(said_by(folders, "public")) == 4)
    assert set(said_by(folders, "public")) == {f"{rung.name}/g1-22.m4s" for rung in LADDER.rungs}


def test_slate_of_another_version_does_not_stand_in_for_program(folders: Folders) -> None:
    hold_a_segment(folders)
    (run,) = read_runs(folders)
    write_runs(folders, [replace(run, inits={**run.inits, "a64": "init-0.mp4"})])
    record_dump(folders, 20 * 50)
    with releasing(folders, delay=200):
        assert said_by(folders, "held") == {
            f"{rung.name}/g1-20.m4s": False for rung in LADDER.rungs if rung.name != "a64"
        }


def test_what_is_held_of_a_run_that_nobody_remembers_is_not_released(folders: Folders) -> None:
    hold_a_segment(folders)
    runs_path(folders).write_bytes(b"{")
    with releasing(folders) as releaser:
        releaser.run_started(30)
        finish(releaser, 30)
        eventually(lambda: len(said_by(folders, "public")) == 4)
    assert set(said_by(folders, "public")) == {f"{rung.name}/g1-30.m4s" for rung in LADDER.rungs}


def test_playlists_of_a_ladder_no_longer_made_do_not_stand_still(folders: Folders) -> None:
    (folders.public / "v720").mkdir()
    (folders.public / "v720" / "index.m3u8").touch()
    with releasing(folders):
        assert not (folders.public / "v720").exists()


def test_an_encoder_that_does_not_open_is_told_and_tried_again(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[str] = []
    settings = Settings.read({"data": str(folders.data), "ladder": "audio"}, {})
    publisher = Publisher(
        folders, settings, TIMELINE, ManualClock(STARTED_AT), flat(60), on_trouble=troubles.append
    )
    publisher.start()

    class OpensOnTheSecondTry(AudioEncoder):
        refuses = True

        def __init__(self, rung: AudioRung, start_tick: int) -> None:
            if OpensOnTheSecondTry.refuses:
                OpensOnTheSecondTry.refuses = False
                raise ValueError("no such layout")
            super().__init__(rung, start_tick)

    monkeypatch.setattr(workers, "AudioEncoder", OpensOnTheSecondTry)
    silence, slate = np.zeros((SAMPLES_PER_TICK, 2), np.float32), flat(60)
    publisher.run_started(1000)
    eventually(lambda: not OpensOnTheSecondTry.refuses)
    for tick in range(1000, 1250):
        publisher.program(ProgramTick(tick, slate, silence))
        eventually(lambda: publisher._workers[0]._work.empty())
    publisher.stop()
    assert troubles == ["an encoder failed: no such layout"]
    assert (folders.public / "a32" / "g1-23.m4s").exists()
