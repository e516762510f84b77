"""The memory folder is short of room, or takes nothing for a while: what is old goes first, and nothing is lost."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from tests.room.publish.releasing import LADDER, eventually, finish, releasing, said_by
from tests.stand_ins.released import Playlist, read_playlist

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.publish import dumps, shelf, window
from allpoints.publish.dumps import record_dump
from allpoints.publish.releaser import POLL_SECONDS, WAITING_SEGMENTS, Releaser
from allpoints.publish.window import LEAST_SEGMENTS

RETENTION = 20


class Room:
    """What the test says is free in the memory folder."""

    free = 10**9


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    room = Room()
    monkeypatch.setattr(window, "free_bytes", lambda _: room.free)
    return room


def listed(folders: Folders, rung: str = "v144") -> Playlist:
    """The playlist; everything in it is there."""
    playlist = read_playlist(folders.public / rung / "index.m3u8")
    assert all(file is not None and file.exists() for file in playlist.files)
    return playlist


def release(folders: Folders, releaser: Releaser, segments: range) -> None:
    for segment in segments:
        finish(releaser, segment)
    last = [folders.public / rung.name / f"g1-{segments[-1]}.m4s" for rung in LADDER.rungs]
    eventually(lambda: all((path.parent / "index.m3u8").exists() for path in last))
    eventually(lambda: all(path.name in (path.parent / "index.m3u8").read_text() for path in last))


def test_the_window_shrinks_before_there_is_no_room_and_grows_again(folders: Folders, room: Room) -> None:
    troubles: list[str] = []
    with releasing(folders, retention=RETENTION, troubles=troubles) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 140))
        assert (listed(folders).first_sequence, len(listed(folders).files)) == (120, RETENTION)
        room.free = 0
        eventually(lambda: len(listed(folders).files) == LEAST_SEGMENTS)
        eventually(lambda: len(list((folders.public / "v144").glob("*.m4s"))) == LEAST_SEGMENTS)
        room.free = 10**9
        release(folders, releaser, range(140, 145))
        assert listed(folders).first_sequence == 134, "numbers never go back"
        release(folders, releaser, range(145, 160))
        assert (listed(folders).first_sequence, len(listed(folders).files)) == (140, RETENTION)
    assert [trouble.split(":")[0] for trouble in troubles] == [
        "The memory folder is nearly full", "The memory folder has room again",
    ]


def test_a_start_in_a_full_folder_goes_on_from_the_smaller_window(folders: Folders, room: Room) -> None:
    with releasing(folders, retention=RETENTION) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 130))
        room.free = 0
        eventually(lambda: listed(folders).first_sequence == 124)
        room.free = 10**9
    with releasing(folders, retention=RETENTION) as releaser:
        releaser.run_started(130)
        release(folders, releaser, range(130, 132))
        assert listed(folders).first_sequence == 124


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EMFILE, errno.EIO])
def test_what_cannot_be_written_for_a_while_waits_and_comes_out_in_order(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    troubles: list[str] = []
    refuses = [False]

    def write_or_refuse(path: Path, content: bytes) -> None:
        if refuses[0] and path.parent.name in ("v144", "a64"):
            raise OSError(error, os.strerror(error))
        write_atomically(path, content)

    monkeypatch.setattr(shelf, "write_atomically", write_or_refuse)
    with releasing(folders, retention=RETENTION, troubles=troubles) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 110))
        refuses[0] = True
        for segment in range(110, 114):
            finish(releaser, segment)
        eventually(lambda: "a32/g1-113.m4s" in said_by(folders, "public"))
        assert "v144/g1-110.m4s" not in said_by(folders, "public"), "the others go on meanwhile"
        assert record_dump(folders, 112 * 50) == 112
        eventually(lambda: releaser.dumped_until_segment == 112)
        refuses[0] = False
        release(folders, releaser, range(114, 116))
        assert [file and file.name for file in listed(folders).files] == [
            f"g1-{segment}.m4s" for segment in range(100 if error != errno.ENOSPC else listed(folders).first_sequence,
                                                     116)
        ]
        said = said_by(folders, "public")
        assert not said["v144/g1-112.m4s"], "what waited falls under a dump like what is held"
        assert said["v144/g1-113.m4s"]
    troubles = [trouble for trouble in troubles if "nearly full" not in trouble and "room again" not in trouble]
    assert len(troubles) == 2
    assert os.strerror(error) in troubles[0]


def test_what_waits_for_too_long_becomes_a_gap(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    refuses = [True]

    def write_or_refuse(path: Path, content: bytes) -> None:
        if refuses[0] and "held" in path.parts:
            raise OSError(errno.EMFILE, "")
        write_atomically(path, content)

    monkeypatch.setattr(shelf, "write_atomically", write_or_refuse)
    with releasing(folders, retention=40) as releaser:
        releaser.run_started(100)
        for segment in range(100, 120):
            finish(releaser, segment)
        eventually(lambda: len(releaser._waiting["v144"]) == WAITING_SEGMENTS + 1)
        refuses[0] = False
        release(folders, releaser, range(120, 121))
    assert sorted(name for name in said_by(folders, "public") if "x5" not in name) == sorted(
        f"{rung.name}/g1-{segment}.m4s" for rung in LADDER.rungs for segment in range(111, 121)
    )


def test_a_segment_that_there_was_no_room_to_join_is_joined_later(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses = [True]

    def write_or_refuse(path: Path, content: bytes) -> None:
        if refuses[0] and path.name.count(".") == 1 and path.suffix == ".m4s" and "public" in path.parts:
            raise OSError(errno.ENOSPC, "")
        write_atomically(path, content)

    monkeypatch.setattr(shelf, "write_atomically", write_or_refuse)
    with releasing(folders, low_latency=True) as releaser:
        releaser.run_started(100)
        finish(releaser, 100, range(5))
        eventually(lambda: "v144/g1-100.4.m4s" in said_by(folders, "public"))
        refuses[0] = False
        eventually(lambda: "v144/g1-100.m4s" in said_by(folders, "public"))
        eventually(lambda: (folders.public / "v144" / "index.m3u8").exists())


def test_a_dump_that_cannot_be_written_holds_everything_back_until_it_is(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses, append = [True], dumps._append

    def append_or_refuse(path: Path, line: bytes) -> None:
        if refuses[0]:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        append(path, line)

    monkeypatch.setattr(dumps, "_append", append_or_refuse)
    with releasing(folders, delay=100) as releaser:
        releaser.run_started(100)
        for segment in range(100, 104):
            finish(releaser, segment)
        eventually(lambda: len(said_by(folders, "held")) == 4 * len(LADDER.rungs))
        releaser.dump(103 * 50)
        releaser.now_tick = 120 * 50
        time.sleep(3 * POLL_SECONDS)
        assert not said_by(folders, "public")
        refuses[0] = False
        eventually(lambda: releaser.dumped_until_segment >= 103)
        finish(releaser, 110)
        eventually(lambda: "v144/g1-110.m4s" in said_by(folders, "public"))
    assert {name for name, is_program in said_by(folders, "public").items() if is_program} == {
        f"{rung.name}/g1-110.m4s" for rung in LADDER.rungs
    }
