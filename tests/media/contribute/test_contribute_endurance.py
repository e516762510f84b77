"""A file whose child is killed, stopped or joined in the middle: where it goes on, and what is seen of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stand_ins.clips import ffmpeg
from tests.stand_ins.playing import luma, play_for, wait_for

from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.feeds.file import FileFeed
from allpoints.contribute.source import Feed, Moment, SourceState
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec

SECONDS = 12
OPENS = Callable[..., Feed]


@pytest.fixture(scope="module")
def ramp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip that grows brighter by one step every two ticks, so that a picture tells its place; with a tone."""
    path = tmp_path_factory.mktemp("clips") / "ramp.mp4"
    ffmpeg("-f", "lavfi", "-i", f"color=black:s=320x180:r=25:d={SECONDS},geq=lum='20+N/2':cb=128:cr=128",
           "-f", "lavfi", "-i", f"sine=440:r=48000:d={SECONDS}",
           "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-g", "250", "-pix_fmt", "yuv420p", "-c:a", "aac",
           path)
    return path


def place(moment: Moment | None) -> float | None:
    """The tick of the clip that a moment shows, to within two."""
    return None if moment is None else (luma(moment.picture) - 20) * 2


def child_of(feed: Feed) -> int:
    assert isinstance(feed, FileFeed)
    assert feed._child is not None
    return feed._child.pid


def test_a_file_is_joined_where_it_is_asked_for_and_ends_where_it_ends(
    ramp: Path, folders: Folders
) -> None:
    spec = SourceSpec(SourceRef("clip"), Localized({"en": "Clip"}), SourceKind.FILE, ramp)
    desk = SourceDesk([spec], folders, SystemClock())
    desk.start()
    feed = desk.open(spec.ref, 200)
    wait_for(feed, SourceState.READY)
    assert place(feed.pull()) == pytest.approx(200, abs=3)
    assert feed.status().remaining_ms == pytest.approx((SECONDS * 25 - 201) * 40, abs=80)
    beyond = desk.open(spec.ref, 100_000)
    wait_for(beyond, SourceState.ENDED)
    desk.close()


def test_a_looping_file_is_joined_in_the_middle_of_a_round(ramp: Path, folders: Folders) -> None:
    spec = SourceSpec(SourceRef("clip"), Localized({"en": "Clip"}), SourceKind.FILE, ramp, loop=True)
    desk = SourceDesk([spec], folders, SystemClock())
    desk.start()
    feed = desk.open(spec.ref, 7 * SECONDS * 25 + SECONDS * 25 - 20)
    wait_for(feed, SourceState.READY)
    places = [place(moment) for moment in play_for(feed, 40)]
    desk.close()
    assert places[0] == pytest.approx(SECONDS * 25 - 20, abs=3)
    assert None not in places
    assert places[30] == pytest.approx(10, abs=3)


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
def test_a_child_that_is_killed_or_stopped_is_not_missed(ramp: Path, open_file: OPENS, fault: signal.Signals) -> None:
    feed = open_file(ramp)
    wait_for(feed, SourceState.READY)
    before = play_for(feed, 30)
    first = child_of(feed)
    os.kill(first, fault)
    after = play_for(feed, 70)
    assert child_of(feed) != first
    places = [place(moment) for moment in (*before, *after)]
    missing = places.count(None)
    assert missing <= 12, f"{missing} ticks without a picture"  # none on an idle machine
    assert all(seen == pytest.approx(tick, abs=4) for tick, seen in enumerate(places) if seen is not None)
    assert feed.status().remaining_ms == pytest.approx((SECONDS * 25 - 100) * 40, abs=160)


def test_a_cued_child_that_is_stopped_is_replaced_before_it_is_taken(ramp: Path, open_file: OPENS) -> None:
    feed = open_file(ramp)
    wait_for(feed, SourceState.READY)
    first = child_of(feed)
    os.kill(first, signal.SIGSTOP)
    until = time.monotonic() + 5
    while child_of(feed) == first and time.monotonic() < until:
        time.sleep(0.02)
    assert child_of(feed) != first
    assert feed.status().state is SourceState.READY
    assert [place(moment) for moment in play_for(feed, 30)][-1] == pytest.approx(30, abs=4)


def test_a_file_lost_for_a_while_comes_back_where_the_clock_is(ramp: Path, open_file: OPENS) -> None:
    feed = open_file(ramp)
    assert isinstance(feed, FileFeed)
    wait_for(feed, SourceState.READY)
    play_for(feed, 10)
    run, refused = feed._children.run, 0

    def no_process(*arguments: object, **more: object) -> object:
        nonlocal refused
        refused += 1
        child = run(*arguments, **more)  # type: ignore[arg-type]
        if refused < 6:
            child.end()
        return child

    feed._children.run = no_process  # type: ignore[method-assign, assignment]
    os.kill(child_of(feed), signal.SIGKILL)
    ticks = 10
    while feed.status().state is not SourceState.LOST:
        play_for(feed, 1)
        ticks += 1
        assert ticks < 200
    while feed.status().state is not SourceState.READY:
        feed.idle_tick()
        time.sleep(0.04)
        ticks += 1
        assert ticks < 250
    assert refused >= 6
    seen = place(feed.pull())
    assert seen is not None
    assert seen == pytest.approx(ticks, abs=25)  # it was opened where the clock was, and opening takes its time
    assert seen > 30


TIMES = 12
MOST_GROWTH_MB = 12.0
"""Half of what one film's read-ahead takes."""


def resident_mb(ramp: Path, folder: Path, *, films: int) -> list[float]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.stand_ins.film_after_film", str(ramp), str(folder), str(films), str(TIMES)],
        capture_output=True, text=True, check=True, timeout=100,
    )
    return [float(line) for line in told.stdout.split()][2:]  # by then the one before is closed for the first time


def test_a_film_again_and_again_takes_no_more_memory(ramp: Path, tmp_path: Path) -> None:
    resident = resident_mb(ramp, tmp_path / "data", films=1)
    assert max(resident) - resident[0] < MOST_GROWTH_MB


def test_film_after_film_takes_what_two_take(ramp: Path, tmp_path: Path) -> None:
    resident = resident_mb(ramp, tmp_path / "data", films=TIMES // 2)
    assert max(resident) - min(resident) < 5 * MOST_GROWTH_MB  # one more or less is open at the moment
