"""What is released, as those who come after the release read it."""

from __future__ import annotations

from pathlib import Path

from allpoints.kernel.folders import Folders
from allpoints.publish.playlists import Run
from allpoints.publish.released import released_segments
from allpoints.publish.shelf import write_runs


def test_whole_segments_are_found_in_order_with_their_init_and_parts_are_not(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    write_runs(folders, [Run(8, {"a64": "init-old.mp4"}, 1), Run(11, {"a64": "init-new.mp4"}, 1)])
    shelf = folders.public / "a64"
    shelf.mkdir()
    for name in ("g1-12.m4s", "g1-9.m4s", "g1-11.m4s", "g1-12.0.m4s", ".13.m4s.draft", "index.m3u8"):
        (shelf / name).write_bytes(b"")
    found = released_segments(folders, "a64", after=8)
    assert [(each.segment, each.init.name, each.begins_run) for each in found] == [
        (9, "init-old.mp4", False), (11, "init-new.mp4", True), (12, "init-new.mp4", False),
    ]


def test_nothing_is_released_where_no_run_is_remembered(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    assert released_segments(folders, "a64") == []
