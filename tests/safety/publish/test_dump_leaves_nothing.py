"""DUMP: what was on program within the release delay is in no released file, in no rendition, whatever dies.

Pictures are decoded and looked at for a colour, sound is listened to for a tone, neighbours included; the coded bytes
themselves are looked for too.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from tests.room.publish.releasing import eventually
from tests.safety.publish.marked import calm, fading, magenta, marker, shrillness
from tests.stand_ins.publishing import TIMELINE, feed, public_slots, publishing
from tests.stand_ins.released import Playlist, read_playlist, read_track

from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import record_dump
from allpoints.publish.ladder import LADDERS, Ladder, UnitName, VideoRung
from allpoints.publish.releaser import POLL_SECONDS

START = 44_000_100
"""Two segments into a group: a long segment holds what is tried."""
DELAY = 3
SEEN, HEARD = 0.5, 0.05
UNSEEN, UNHEARD = 0.001, 0.003


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data", tmp_path / "memory")


def classic(folders: Folders, name: str) -> Playlist:
    return read_playlist(folders.public / name / "index.m3u8")


def ways_to_play(folders: Folders, name: str) -> Iterator[Playlist]:
    """Everything that was released, from the beginning; its parts; its long segments; and each file by itself, for
    who joins there."""
    whole = classic(folders, name)
    yield whole
    if (long := folders.public / name / "long.m3u8").exists():
        yield read_playlist(long)
    slots = sorted(public_slots(folders, name), key=lambda slot: (slot.segment, slot.part or 0))
    parts = tuple(folders.public / name / UnitName(slot, 1).file_name for slot in slots if slot.part is not None)
    if parts:
        yield replace(whole, files=parts)
    for file in whole.files:
        if file:
            yield replace(whole, files=(file,))


def strongest(folders: Folders, ladder: Ladder) -> dict[str, float]:
    """How much of the marker there is in each rendition."""
    return {
        rung.name: max(
            (magenta if isinstance(rung, VideoRung) else shrillness)(playlist)
            for playlist in ways_to_play(folders, rung.name)
        )
        for rung in ladder.rungs
    }


def assert_nothing_is_left(folders: Folders, ladder: Ladder) -> None:
    left = strongest(folders, ladder)
    assert all(left[rung.name] < UNSEEN for rung in ladder.video), left
    assert all(left[rung.name] < UNHEARD for rung in ladder.audio), left


def coded_bytes(folders: Folders, first: int) -> list[bytes]:
    """A piece out of the middle of each held unit that ends after tick ``first``."""
    units = [
        path.read_bytes() for path in folders.held.glob("*/*.m4s")
        if (name := UnitName.read(path.name)) and name.slot.end_tick > first
    ]
    return [unit[len(unit) // 2 :][:64] for unit in units]


def steps_of(folders: Folders, name: str) -> set[Fraction]:
    return read_track(classic(folders, name)).deltas()


@pytest.mark.parametrize("low_latency", ["off", "on"], ids=["classic", "low-latency"])
@pytest.mark.parametrize(("last", "settled"), [(125, True), (149, False)], ids=["after-a-release", "at-a-boundary"])
def test_a_marker_within_the_delay_is_in_no_released_byte(
    folders: Folders, low_latency: str, last: int, settled: bool
) -> None:
    """The two hardest moments to press: when the unit just before the marker has become as old as the delay (its last
    codec frame tells of what followed), and in a segment's last tick (the fade lies in the next one)."""
    ladder = LADDERS["large" if last == 149 else "small"]
    first = START + last - DELAY * 25
    with publishing(
        folders, ladder=ladder.name, low_latency=low_latency, release_delay=str(DELAY), retention="600"
    ) as publisher:
        publisher.run_started(START)
        feed(publisher, map(calm, range(START, first)))
        feed(publisher, map(marker, range(first, START + last + 1)))
        if settled:
            eventually(lambda: all(worker._work.empty() for worker in publisher._workers))
            time.sleep(2 * POLL_SECONDS)
        marked = coded_bytes(folders, first)
        until = record_dump(folders, START + last)
        feed(publisher, [fading(START + last + 1)])
        end = (until + 2) * 50
        feed(publisher, map(calm, range(START + last + 2, end + DELAY * 25 + 10)))
        for rung in ladder.rungs:
            eventually(lambda name=rung.name: any(  # type: ignore[misc]
                slot.segment == until + 1 and slot.part is None for slot in public_slots(folders, name)
            ))
    assert_nothing_is_left(folders, ladder)
    for rung in ladder.rungs:
        assert (folders.public / rung.name / "long.m3u8").exists() == rung.has_long
        assert steps_of(folders, rung.name) == {
            Fraction(rung.every, 25) if isinstance(rung, VideoRung) else Fraction(rung.frame, 48_000)
        }
    assert marked
    released = [path.read_bytes() for path in folders.memory.rglob("*.m4s")]
    assert not [piece for piece in marked if any(piece in content for content in released)]


def test_without_a_dump_the_marker_is_found_in_every_rendition(folders: Folders) -> None:
    """The control: these eyes and ears do find it."""
    ladder = LADDERS["large"]
    with publishing(folders, low_latency="on") as publisher:
        publisher.run_started(START)
        feed(publisher, map(calm, range(START, START + 70)))
        feed(publisher, map(marker, range(START + 70, START + 80)))
        feed(publisher, map(calm, range(START + 80, START + 110)))
    found = strongest(folders, ladder)
    assert all(found[rung.name] > SEEN for rung in ladder.video), found
    assert all(found[rung.name] > HEARD for rung in ladder.audio), found


@contextmanager
def broadcasting(
    folders: Folders, low_latency: str, marked: range, *, delay: int = DELAY, clock_step: float = 0
) -> Iterator[subprocess.Popen[str]]:
    """Publish in a process of its own, in real time; killed in the end."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.safety.publish.marked", str(folders.data), str(folders.memory), low_latency,
         str(delay), str(marked.start), str(marked.stop), str(clock_step)],
        stdout=subprocess.PIPE, text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def until_tick(child: subprocess.Popen[str], count: int) -> None:
    assert child.stdout is not None
    assert any(int(line) >= count for line in child.stdout), "it ended by itself"


def wall_tick() -> int:
    return TIMELINE.tick_at(datetime.now(UTC))


@pytest.mark.parametrize(("low_latency", "order"), [
    ("on", "never"), ("on", "killed, then dumped"), ("on", "dumped, then killed"), ("off", "killed, then dumped"),
])
def test_a_killed_publisher_releases_nothing_that_was_dumped(folders: Folders, low_latency: str, order: str) -> None:
    ladder = LADDERS["small"]
    folders.make()
    with broadcasting(folders, low_latency, range(60, 104)) as child:
        until_tick(child, 106)
        if order == "dumped, then killed":
            record_dump(folders, wall_tick())
        child.kill()
    if order == "killed, then dumped":
        record_dump(folders, wall_tick())
    before = {rung.name: public_slots(folders, rung.name) for rung in ladder.rungs}
    with broadcasting(folders, low_latency, range(0)) as child:
        until_tick(child, 50 + DELAY * 25 + 15)
        for rung in ladder.rungs:
            listed = classic(folders, rung.name)
            assert listed.files[-1], "the new run is released"
            assert None in listed.files, "the hole is announced"
            assert before[rung.name] <= public_slots(folders, rung.name)
    for rung in ladder.rungs:
        step = Fraction(rung.every, 25) if isinstance(rung, VideoRung) else Fraction(rung.frame, 48_000)
        hole, = steps_of(folders, rung.name) - {step}
        assert hole > step
        if isinstance(rung, VideoRung):
            assert (hole - step) % 2 == 0, "the hole is whole segments"
    if order == "never":
        found = strongest(folders, ladder)
        assert all(found[rung.name] > SEEN for rung in ladder.video), found
        assert all(found[rung.name] > HEARD for rung in ladder.audio), found
    else:
        assert_nothing_is_left(folders, ladder)


def test_a_clock_set_forward_while_the_publisher_is_dead_leaves_the_time_to_dump(folders: Folders) -> None:
    """The marker is half a second old when the publisher dies; the dump comes a moment after it is back. The numbers
    leap by an hour, so what was released soon leaves the folder: it is looked at when it comes."""
    ladder, delay = LADDERS["small"], 8
    released: dict[tuple[str, str], bytes] = {}

    def until(child: subprocess.Popen[str], count: int) -> None:
        for tick in range(1, count + 1):
            until_tick(child, tick)
            for path in folders.public.glob("*/*.m4s"):
                if (path.parent.name, path.name) not in released:
                    with suppress(FileNotFoundError):
                        released[path.parent.name, path.name] = path.read_bytes()

    folders.make()
    with broadcasting(folders, "on", range(60, 104), delay=delay) as child:
        until(child, 116)
    with broadcasting(folders, "on", range(0), delay=delay, clock_step=3600) as child:
        until(child, 20)
        record_dump(folders, wall_tick())
        until(child, 50 + delay * 25 + 15)
    for (name, file), content in released.items():
        rung = next(rung for rung in ladder.rungs if rung.name == name)
        seen = folders.memory / f"{name}-{file}"
        seen.write_bytes(content)
        alone = replace(classic(folders, name), files=(seen,))
        assert magenta(alone) < UNSEEN if isinstance(rung, VideoRung) else shrillness(alone) < UNHEARD, seen.name
    assert len(released) > 3 * len(ladder.rungs), "the new run is released"
