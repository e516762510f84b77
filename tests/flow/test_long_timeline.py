"""The long timeline made short: two minutes with tiny pictures across the wrap of 33-bit timestamps; and whether its
reader would notice."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bench.long_timeline import Timeline
from bench.timeline_reading import Reader
from tests.stand_ins.programs import flash_and_beep
from tests.stand_ins.publishing import TIMELINE, feed, publishing

from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import LADDERS

FIRST = 100


def test_two_minutes_across_the_wrap_are_exact() -> None:
    folder = Path(tempfile.mkdtemp(dir=os.environ["ALLPOINTS_MEMORY"]))  # its path is short enough for a socket's
    made = Timeline("tiny", 26.49, timeline_minutes=2, computing_minutes=3, settings={"release_delay": "4"})
    made.run(folder)
    assert not made.failure
    assert made.outcome["crosses_wrap_at_hours"] is not None
    assert made.outcome["faults"] == []
    assert made.holds, made.outcome


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve segments of the small ladder."""
    folder = tmp_path_factory.mktemp("published")
    folders = Folders(folder / "data", folder / "memory")
    with publishing(folders, ladder="small") as publisher:
        publisher.run_started(FIRST * 50)
        feed(publisher, map(flash_and_beep, range(FIRST * 50, FIRST * 50 + 605)))
        publisher.run_ended()
    return folders.public


def two_swapped(public: Path) -> None:
    one, other = (public / "v240" / f"g1-{number}.m4s" for number in (103, 104))
    before = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(before)


def one_twice(public: Path) -> None:
    shutil.copy(public / "a64" / "g1-104.m4s", public / "a64" / "g1-105.m4s")


def a_gap(public: Path) -> None:
    path = public / "a64" / "index.m3u8"
    path.write_text(path.read_text().replace("#EXTINF", "#EXT-X-GAP\n#EXTINF", 1))


def a_wrong_date(public: Path) -> None:
    path = public / "v480" / "index.m3u8"
    path.write_text(path.read_text().replace("0.000Z", "0.001Z"))


def nothing(public: Path) -> None:
    pass


@pytest.mark.parametrize(("spoil", "noticed"), [
    (nothing, ""), (two_swapped, "103 starts at"), (one_twice, "105 starts at"), (a_gap, "a hole is told"),
    (a_wrong_date, "is told for"),
])
def test_what_is_spoiled_is_noticed(
    published: Path, tmp_path: Path, spoil: Callable[[Path], None], noticed: str
) -> None:
    copy = tmp_path / "public"
    shutil.copytree(published, copy)
    spoil(copy)
    reader = Reader(copy, LADDERS["small"], TIMELINE.epoch)
    reader.look()
    assert noticed in " ".join(reader.faults)
    assert bool(reader.faults) == bool(noticed)
