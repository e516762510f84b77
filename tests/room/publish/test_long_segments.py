"""Long segments are what was released, joined; they are the first that a full folder costs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.room.publish.releasing import LADDER, PROGRAM, eventually, finish, releasing
from tests.unit.publish.listing import Listing, read

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.publish import long_segments, window
from allpoints.publish.dumps import record_dump
from allpoints.publish.long_segments import segments_of
from allpoints.publish.playlists import Run
from allpoints.publish.releaser import Releaser
from allpoints.publish.shelf import write_runs


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


def release(folders: Folders, releaser: Releaser, segments: range) -> None:
    for segment in segments:
        finish(releaser, segment)
    last = [folders.public / rung.name / "index.m3u8" for rung in LADDER.rungs]
    eventually(lambda: all(path.exists() and f"-{segments[-1]}.m4s" in path.read_text() for path in last))


def listed(folders: Folders, rung: str = "opus16") -> Listing:
    return read((folders.public / rung / "long.m3u8").read_text())


def names(folders: Folders, rung: str = "opus16") -> list[str | None]:
    """What is listed; a dash for a gap."""
    return ["-" if entry.gap else entry.uri for entry in listed(folders, rung).entries]


def joined(folders: Folders, segments: range | list[int], rung: str = "opus16") -> bytes:
    return b"".join((folders.public / rung / f"g1-{segment}.m4s").read_bytes() for segment in segments)


def long_files(folders: Folders, rung: str = "opus16") -> list[str]:
    return sorted(path.name for path in (folders.public / rung).glob("*x5.m4s"))


def put(folders: Folders, *segments: int, generation: int = 1) -> None:
    for rung in LADDER.rungs:
        (folders.public / rung.name).mkdir(exist_ok=True)
        for segment in segments:
            name = f"g{generation}-{segment}.m4s"
            (folders.public / rung.name / name).write_bytes(PROGRAM + name.encode())


def test_a_long_segment_is_its_five_joined_and_there_when_the_next_is_released(folders: Folders) -> None:
    with releasing(folders) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 105))
        assert not long_files(folders), "until a later one is released, more may come"
        release(folders, releaser, range(105, 111))
        assert names(folders) == ["g1-20x5.m4s", "g1-21x5.m4s"]
        for group in (20, 21):
            content = (folders.public / "opus16" / f"g1-{group}x5.m4s").read_bytes()
            assert content == joined(folders, segments_of(group))
    assert long_files(folders, "a32") == long_files(folders)
    assert not long_files(folders, "a64"), "only the lowest renditions are for weak lines"
    assert (folders.public / "master-low.m3u8").exists()


def test_what_is_missing_is_left_out_and_a_group_without_anything_is_a_gap(folders: Folders) -> None:
    with releasing(folders) as releaser:
        releaser.run_started(102)
        release(folders, releaser, range(102, 104))
        releaser.run_started(116)
        release(folders, releaser, range(116, 121))
        assert names(folders) == ["g1-20x5.m4s", "-", "-", "g1-23x5.m4s"]
        assert (folders.public / "opus16" / "g1-20x5.m4s").read_bytes() == joined(folders, [102, 103])
        assert (folders.public / "opus16" / "g1-23x5.m4s").read_bytes() == joined(folders, range(116, 120))
        entries = listed(folders).entries
        assert [entry.seconds for entry in entries] == [4, 10, 10, 8]
        assert [entry.discontinuity for entry in entries] == [False, False, False, True]
        assert entries[3].begins_at is not None


def test_segments_that_another_init_segment_belongs_to_wait_for_the_next_group(folders: Folders) -> None:
    write_runs(folders, [Run(100, {rung.name: "init-old.mp4" for rung in LADDER.rungs}, 1)])
    put(folders, 100, 101)
    with releasing(folders) as releaser:
        releaser.run_started(103)
        release(folders, releaser, range(103, 111))
        assert (folders.public / "opus16" / "g1-20x5.m4s").read_bytes() == joined(folders, [100, 101])
        old, new = listed(folders).entries
    assert old.init == "init-old.mp4"
    assert new.init not in (None, old.init)
    assert new.discontinuity


def test_what_a_killed_process_joined_stays_and_the_list_goes_on(folders: Folders) -> None:
    with releasing(folders) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 111))
    first = folders.public / "opus16" / "g1-20x5.m4s"
    first.write_bytes(b"as it was")
    with releasing(folders) as releaser:
        releaser.run_started(113)
        release(folders, releaser, range(113, 121))
        assert names(folders) == [f"g1-{group}x5.m4s" for group in (20, 21, 22, 23)]
        assert first.read_bytes() == b"as it was", "a name is never written again"
        assert (folders.public / "opus16" / "g1-22x5.m4s").read_bytes() == joined(folders, [110, 113, 114])


def test_who_takes_over_joins_its_own_of_what_it_has(folders: Folders) -> None:
    """The other machine's long segments are not copied: it may have joined more, or less, under the same group."""
    write_runs(folders, [Run(100, {rung.name: "init-theirs.mp4" for rung in LADDER.rungs}, 1)])
    put(folders, *range(100, 107))
    with releasing(folders, generation=2) as releaser:
        releaser.run_started(110)
        for segment in range(110, 116):
            finish(releaser, segment)
        eventually(lambda: "g2-22x5.m4s" in long_files(folders))
        eventually(lambda: names(folders) == ["g2-20x5.m4s", "g2-21x5.m4s", "g2-22x5.m4s"])
        assert (folders.public / "opus16" / "g2-21x5.m4s").read_bytes() == joined(folders, [105, 106])


def test_what_left_the_list_stays_for_as_long_as_the_list_was(folders: Folders) -> None:
    with releasing(folders, retention=20) as releaser:
        releaser.run_started(100)
        for begin in range(100, 180, 5):
            release(folders, releaser, range(begin, begin + 6))
        assert names(folders) == [f"g1-{group}x5.m4s" for group in range(32, 36)]
        assert long_files(folders) == [f"g1-{group}x5.m4s" for group in range(27, 36)]
        assert listed(folders).first == 32


def test_what_was_dumped_is_in_no_long_segment(folders: Folders) -> None:
    with releasing(folders, delay=100) as releaser:
        releaser.run_started(100)
        for segment in range(100, 112):
            finish(releaser, segment)
        releaser.now_tick = 103 * 50 + 120
        eventually(lambda: (folders.public / "opus16" / "g1-102.m4s").exists())
        record_dump(folders, 108 * 50)
        eventually(lambda: releaser.dumped_until_segment >= 108)
        releaser.now_tick = 120 * 50
        eventually(lambda: long_files(folders) == ["g1-20x5.m4s", "g1-21x5.m4s"])
        told = b"".join((folders.public / "opus16" / name).read_bytes() for name in long_files(folders))
    assert told.count(PROGRAM) == 3
    assert b"g1-102.m4s" in told


def test_a_folder_short_of_room_costs_long_segments_first_and_they_come_back(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [10**9]
    monkeypatch.setattr(window, "free_bytes", lambda _: free[0])
    with releasing(folders, retention=30) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 111))
        assert names(folders) == ["g1-20x5.m4s", "g1-21x5.m4s"]
        before = (folders.public / "opus16" / "long.m3u8").stat().st_mtime_ns
        free[0] = 0
        release(folders, releaser, range(111, 116))
        assert "g1-22x5.m4s" not in long_files(folders)
        assert (folders.public / "opus16" / "long.m3u8").stat().st_mtime_ns >= before
        free[0] = 10**9
        release(folders, releaser, range(116, 117))
        eventually(lambda: names(folders)[-1] == "g1-22x5.m4s")
        assert (folders.public / "opus16" / "g1-22x5.m4s").read_bytes() == joined(folders, range(110, 115))


def test_a_long_segment_that_cannot_be_written_harms_nothing_and_is_tried_again(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses, troubles = [True], list[str]()

    def write_or_refuse(path: Path, content: bytes) -> None:
        if refuses[0]:
            raise OSError(28, os.strerror(28))
        write_atomically(path, content)

    monkeypatch.setattr(long_segments, "write_atomically", write_or_refuse)
    with releasing(folders, troubles=troubles) as releaser:
        releaser.run_started(100)
        release(folders, releaser, range(100, 108))
        assert not long_files(folders)
        refuses[0] = False
        release(folders, releaser, range(108, 109))
        eventually(lambda: names(folders) == ["g1-20x5.m4s"])
    assert not troubles
