"""Whatever is done to the wall clock, what is held is held for the delay, and is released in order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.room.publish.releasing import LADDER, eventually, finish, releasing, said_by

from allpoints.kernel.folders import Folders
from allpoints.publish.releaser import POLL_SECONDS, Releaser

DELAY = 250
DAY = 24 * 3600 // 2
"""In segments."""


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


def public(folders: Folders) -> list[int]:
    return sorted(int(name.removesuffix(".m4s").removeprefix("v144/g1-")) for name in said_by(folders, "public")
                  if name.startswith("v144/"))


@pytest.mark.parametrize("jump", [1, 30, DAY, 30 * DAY], ids=["seconds", "a minute", "a day", "a month"])
@pytest.mark.parametrize("down", [True, False], ids=["while down", "while running"])
def test_a_clock_set_forward_releases_nothing_early(folders: Folders, jump: int, down: bool) -> None:
    """Two segments are held; 3 s after the first began, a run begins ``jump`` segments further on."""
    again = 22 + jump
    with releasing(folders, delay=DELAY) as releaser:
        releaser.run_started(20, began=100.0)
        finish(releaser, 20)
        finish(releaser, 21)
        eventually(lambda: len(said_by(folders, "held")) == 8)
        if not down:
            go_on_and_look(folders, releaser, again)
    if down:
        with releasing(folders, delay=DELAY) as releaser:
            go_on_and_look(folders, releaser, again)


def go_on_and_look(folders: Folders, releaser: Releaser, again: int) -> None:
    first = again * 50
    releaser.run_started(again, began=103.0)
    for late, seen in ((0, []), (DELAY + 3 + 50 - 75 - 1, []), (DELAY + 3 + 50 - 75, [20]),
                       (DELAY + 3 + 100 - 75, [20, 21])):
        releaser.now_tick = first + late
        time.sleep(2 * POLL_SECONDS)
        eventually(lambda seen=seen: public(folders) == seen)  # type: ignore[misc]


def test_what_nobody_knows_the_age_of_is_held_for_the_whole_delay_again(folders: Folders) -> None:
    with releasing(folders, delay=DELAY) as releaser:
        releaser.run_started(20)
        finish(releaser, 20)
        eventually(lambda: len(said_by(folders, "held")) == len(LADDER.rungs))
    with releasing(folders, delay=DELAY) as releaser:
        releaser.run_started(22, began=5_000.0)
        releaser.now_tick = 22 * 50 + DELAY + 2
        time.sleep(2 * POLL_SECONDS)
        assert public(folders) == []
        releaser.now_tick += 1
        eventually(lambda: public(folders) == [20])
