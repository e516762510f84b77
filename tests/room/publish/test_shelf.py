"""Names are given out once; what a killed process left is taken over; old media goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.room.publish.releasing import LADDER, PICTURE, PROGRAM, eventually, finish, releasing, said_by

from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import Slot, UnitName
from allpoints.publish.playlists import Run
from allpoints.publish.shelf import RungShelf, next_start_tick, write_runs


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


def put(folders: Folders, shelf: str, *names: str, rung: str = "v144") -> None:
    folder = folders.memory / shelf / rung
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(PROGRAM + name.encode())


def test_the_first_start_is_the_wall_clocks_next_segment(folders: Folders) -> None:
    assert next_start_tick(folders, 1_001, -1) == 1_050
    assert next_start_tick(folders, 1_000, -1) == 1_000


def test_without_memory_the_reserved_ticks_stand_for_names(folders: Folders) -> None:
    assert next_start_tick(folders, 1_001, 1_260) == 1_300
    assert next_start_tick(folders, 5_000, 1_260) == 5_000
    assert next_start_tick(folders, 1_001, 1_299) == 1_300


@pytest.mark.parametrize("shelf", ["held", "public"])
@pytest.mark.parametrize("name", ["g1-40.m4s", "g1-40.2.m4s"])
def test_memory_beats_a_clock_that_stepped_back(folders: Folders, shelf: str, name: str) -> None:
    put(folders, shelf, "g1-39.m4s", name, rung="a64")
    assert next_start_tick(folders, 1_001, 0) == 2_050


def test_where_there_is_memory_reserved_ticks_cost_no_time(folders: Folders) -> None:
    put(folders, "public", "g1-40.m4s")
    assert next_start_tick(folders, 2_049, 2_300) == 2_050


def test_a_run_that_released_nothing_keeps_its_segment_to_itself(folders: Folders) -> None:
    write_runs(folders, [Run(60, {}, 1)])
    assert next_start_tick(folders, 1_001, 0) == 3_050


def test_held_segments_of_a_killed_process_stay_held_and_go_out_when_due(folders: Folders) -> None:
    write_runs(folders, [Run(10, {rung.name: "init-old.mp4" for rung in LADDER.rungs}, 1, began=70.0)])
    for rung in LADDER.rungs:
        put(folders, "public", "g1-10.m4s", rung=rung.name)
        put(folders, "held", "g1-11.m4s", "g1-12.m4s", ".13.m4s.77.draft", rung=rung.name)
    with releasing(folders, delay=100) as releaser:
        releaser.run_started(15, began=72.0)  # 50 ticks later, although the numbers say 250
        releaser.now_tick = 15 * 50 + 152
        assert set(said_by(folders, "public")) == {f"{rung.name}/g1-10.m4s" for rung in LADDER.rungs}
        releaser.now_tick += 1
        eventually(lambda: f"{PICTURE.name}/g1-11.m4s" in said_by(folders, "public"))
        assert f"{PICTURE.name}/g1-12.m4s" in said_by(folders, "held")
        releaser.now_tick += 50
        eventually(lambda: not said_by(folders, "held"))
        finish(releaser, 15)
        releaser.now_tick += 200
        eventually(lambda: f"{PICTURE.name}/g1-15.m4s" in said_by(folders, "public"))
    lines = (folders.public / "v144" / "index.m3u8").read_text().splitlines()
    assert lines[lines.index("g1-12.m4s") + 1 :][:3] == ["#EXT-X-GAP", "#EXTINF:2.00000,", "g1-13.m4s"]
    assert lines[lines.index("g1-14.m4s") + 1] == "#EXT-X-DISCONTINUITY"
    assert not list(folders.held.glob("*/.*.draft"))


def test_a_segment_whose_last_parts_were_never_made_is_not_released(folders: Folders) -> None:
    write_runs(folders, [Run(10, {}, 1)])
    put(folders, "public", *(f"g1-10.{part}.m4s" for part in range(5)), "g1-11.0.m4s", "g1-11.1.m4s")
    put(folders, "held", *(f"g1-11.{part}.m4s" for part in (2, 3, 4)), "g1-12.0.m4s", "g1-12.1.m4s")
    shelf = RungShelf(PICTURE, folders, True, [Run(10, {}, 1)])
    shelf.adopt()
    assert shelf.segments == {10}, "whole parts make a segment, also when the process died before it was joined"
    joined = b"".join(PROGRAM + b"g1-10.%d.m4s" % part for part in range(5))
    assert (shelf.public / "g1-10.m4s").read_bytes() == joined
    assert shelf.held == {Slot(11, 2), Slot(11, 3), Slot(11, 4)}
    assert sorted(path.name for path in shelf.hidden.iterdir()) == ["g1-11.2.m4s", "g1-11.3.m4s", "g1-11.4.m4s"]
    for slot in sorted(shelf.held):
        shelf.release(slot)
    shelf.join_parts()
    assert shelf.segments == {10, 11}


def test_a_change_to_classic_still_releases_held_parts(folders: Folders) -> None:
    write_runs(folders, [Run(10, {}, 1)])
    put(folders, "held", *(f"g1-10.{part}.m4s" for part in range(5)), "g1-11.0.m4s")
    (folders.public / "v144").mkdir()
    (folders.public / "v144" / "ll.m3u8").write_text("of the earlier start")
    with releasing(folders) as releaser:
        eventually(lambda: (folders.public / "v144" / "g1-10.m4s").exists())
        assert not (folders.public / "v144" / "ll.m3u8").exists()
        assert not (folders.public / "master-ll.m3u8").exists()
        assert releaser.released_tick is None, "the sound is still missing"


def test_held_media_of_a_ladder_no_longer_made_is_thrown_away(folders: Folders) -> None:
    put(folders, "held", "g1-10.m4s", rung="v720")
    with releasing(folders):
        assert not (folders.held / "v720").exists()


def test_a_public_name_is_never_written_again(folders: Folders) -> None:
    put(folders, "public", "g1-10.m4s", "g1-11.0.m4s")
    shelf = RungShelf(PICTURE, folders, False, [Run(10, {}, 1)])
    shelf.adopt()
    for slot in (Slot(10), Slot(11, 0)):
        shelf.hold(slot, b"another")
        shelf.release(slot)
        name = UnitName(slot, 1).file_name
        assert (shelf.public / name).read_bytes() == PROGRAM + name.encode()
    assert not shelf.held
    assert not list(shelf.hidden.iterdir())


@pytest.mark.parametrize("low_latency", [False, True])
def test_media_stays_for_a_playlist_length_after_it_left_the_playlist(folders: Folders, low_latency: bool) -> None:
    parts = range(5) if low_latency else None
    with releasing(folders, low_latency=low_latency, retention=10) as releaser:
        releaser.run_started(100)
        for segment in range(100, 140):
            finish(releaser, segment, parts)
        newest = folders.public / "opus16" / "g1-139.m4s"
        eventually(lambda: newest.exists() and "opus16/g1-139" in last_lines(folders))
    for rung in LADDER.rungs:
        listed = [int(line[3:6]) for line in (folders.public / rung.name / "index.m3u8").read_text().splitlines()
                  if line.endswith(".m4s")]
        assert listed == list(range(130, 140))
        names = [name for path in (folders.public / rung.name).iterdir() if (name := UnitName.read(path.name))]
        there = sorted(name.slot.segment for name in names if name.slot.part is None)
        assert there[-1] == 139
        assert 119 <= there[0] <= 120, "nothing goes before its time, and nothing stays for ever"
        left = {name.slot.segment for name in names if name.slot.part is not None}
        assert left == (set(range(130, 140)) if low_latency and rung.has_parts else set())


def last_lines(folders: Folders) -> str:
    return "".join(f"{path.parent.name}/{path.read_text().splitlines()[-1]} "
                   for path in folders.public.glob("*/index.m3u8"))


def test_what_another_generation_made_after_its_time_is_served_but_never_listed(folders: Folders) -> None:
    """Two stages believed to be on air: the second began its run at segment 12 and is told of by the runs."""
    write_runs(folders, [Run(10, {}, 1), Run(12, {}, 2)])
    for rung in LADDER.rungs:
        put(folders, "public", "g1-10.m4s", "g1-11.m4s", "g2-12.m4s", "g1-12.m4s", "g1-13.m4s", rung=rung.name)
        put(folders, "held", "g1-14.m4s", rung=rung.name)
    assert next_start_tick(folders, 100, -1) == 15 * 50
    with releasing(folders, generation=3, retention=4) as releaser:
        releaser.run_started(15)
        finish(releaser, 15)
        eventually(lambda: last_lines(folders).count("g3-15.m4s") == len(LADDER.rungs))
        assert listed(folders, "a64") == ["g2-12.m4s", "-", "-", "g3-15.m4s"]
        assert (folders.public / "a64" / "g1-12.m4s").read_bytes() == PROGRAM + b"g1-12.m4s"
        for segment in range(16, 22):
            finish(releaser, segment)
        eventually(lambda: not list(folders.public.glob("*/g1-12.m4s")))
    assert not [name for name in said_by(folders, "public") if "g1-14" in name]


def listed(folders: Folders, name: str) -> list[str]:
    """The names in a playlist; a dash for a gap."""
    lines = (folders.public / name / "index.m3u8").read_text().splitlines()
    return ["-" if lines[at - 2] == "#EXT-X-GAP" else line for at, line in enumerate(lines) if line.endswith(".m4s")]
