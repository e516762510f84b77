"""A live publisher over RTMP, through the ingest and the desk, to the pull of the mixer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import imageio_ffmpeg
import pytest
from tests.stand_ins.clips import ffmpeg, flash_and_beep
from tests.stand_ins.playing import assert_exact_shape, colour, play_for, sync_errors_ms, wait_for

from allpoints.contribute.children import Child
from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.feeds.jitter import TARGET_TICKS
from allpoints.contribute.feeds.live import LiveFeed
from allpoints.contribute.ingest_status import read_status, status_path
from allpoints.contribute.kept_live import KeptLive
from allpoints.contribute.source import Feed, Moment, SourceState
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec

REF = SourceRef("harbour")
KEY = "key-of-the-harbour"
INGEST = """
import asyncio, sys
from pathlib import Path
from allpoints.contribute.ingest import serve_ingest
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log
folders, clock = Folders.beneath(Path(sys.argv[1])), SystemClock()
log = Log("ingest", folders, clock, print)
asyncio.run(serve_ingest({sys.argv[3]: "harbour"}, "127.0.0.1", int(sys.argv[2]), folders, clock, log))
"""


@dataclass
class Coast:
    """A running ingest and a desk with one live source."""

    data: Path
    port: int
    desk: SourceDesk
    folders: Folders
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_ingest(self) -> subprocess.Popen[bytes]:
        status_path(self.folders).unlink(missing_ok=True)
        ingest = subprocess.Popen([sys.executable, "-c", INGEST, str(self.data), str(self.port), KEY])
        self.started.append(ingest)
        for _ in range(500):
            if read_status(self.folders):
                return ingest
            time.sleep(0.02)
        raise AssertionError("the ingest did not start")

    def publish(self, path: Path, *more: str) -> subprocess.Popen[bytes]:
        publisher = subprocess.Popen(
            [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-re", "-stream_loop", "-1", "-i", str(path),
             "-c", "copy", *more, "-f", "flv", f"rtmp://127.0.0.1:{self.port}/live/{KEY}"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self.started.append(publisher)
        return publisher

    def end(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextmanager
def running_coast(data: Path, port: int) -> Iterator[Coast]:
    folders = Folders.beneath(data)
    folders.make()
    spec = SourceSpec(REF, Localized({"en": "Harbour"}), SourceKind.RTMP, stream_key=KEY)
    coast = Coast(data, port, SourceDesk([spec], folders, SystemClock()), folders)
    coast.start_ingest()
    coast.desk.start()
    try:
        yield coast
    finally:
        coast.desk.close()
        for process in coast.started:
            process.kill()
            process.wait()


@pytest.fixture
def coast(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Coast]:
    with running_coast(tmp_path / "data", free_port()) as coast:
        yield coast


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "flash.mp4"
    ffmpeg(*flash_and_beep(20, "640x360"), "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", path)
    return path


def stand_by(feed: Feed, ticks: int) -> None:
    """Cued and off air, at the pace of the air."""
    for _ in range(ticks):
        feed.idle_tick()
        time.sleep(0.04)


def first_missing(feed: Feed, since: float, within: float = 3.0) -> float:
    """Pull at the pace of the air until there is nothing; seconds since ``since``."""
    due = time.monotonic()
    while feed.pull() is not None:
        assert time.monotonic() - since < within
        due += 0.04
        time.sleep(max(0.0, due - time.monotonic()))
    return time.monotonic() - since


def test_live_pictures_come_in_sync_and_a_kill_is_noticed_in_time(coast: Coast, clip: Path) -> None:
    assert coast.desk.rows()[0].status.state is SourceState.WAITING
    publisher = coast.publish(clip)
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    stand_by(feed, 30)
    played = play_for(feed, 100)
    assert None not in played
    assert_exact_shape([moment for moment in played if moment])
    errors = sync_errors_ms(played)
    assert len(errors) >= 3
    assert all(abs(error) <= 25 for error in errors)

    coast.end(publisher)
    killed = time.monotonic()
    gone = first_missing(feed, killed)
    assert gone <= 0.32  # and 0.28 s of grace on the stage: slate within 0.6 s
    assert feed.status().state is SourceState.LOST

    began = time.monotonic()
    coast.publish(clip)
    back: list[Moment | None] = []
    while not any(back):
        assert time.monotonic() - began < 6
        back.append(feed.pull())
        time.sleep(0.04)
    assert time.monotonic() - began > 1.0  # healthy for a second first
    assert None not in play_for(feed, 25)
    feed.close()


def test_a_publisher_that_falls_silent_is_lost_and_comes_back(coast: Coast, clip: Path) -> None:
    publisher = coast.publish(clip)
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    assert None not in play_for(feed, 25)
    publisher.send_signal(signal.SIGSTOP)  # as when the network is cut: nothing is closed
    stopped = time.monotonic()
    while feed.status().state is not SourceState.LOST:
        play_for(feed, 1)
        assert time.monotonic() - stopped < 1.0
    assert feed.pull() is None
    publisher.send_signal(signal.SIGCONT)
    wait_for(feed, SourceState.READY, 5, feed.idle_tick)
    assert None not in play_for(feed, 25)
    feed.close()


def test_a_change_of_resolution_does_not_end_the_source(coast: Coast, tmp_path: Path) -> None:
    parts = []
    for colour_name, size in (("red", "640x360"), ("blue", "480x480")):
        part = tmp_path / f"{colour_name}.ts"
        ffmpeg("-f", "lavfi", "-i", f"color={colour_name}:s={size}:r=25:d=3", "-f", "lavfi", "-i", "sine=440:d=3",
               "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", part)
        parts.append(part)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    coast.publish(joined)
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    played = [moment for moment in play_for(feed, 125) if moment]
    assert_exact_shape(played)
    reds = [colour(moment.picture)[2] > 200 for moment in played]
    blues = [colour(moment.picture)[1] > 200 for moment in played]
    assert any(reds)
    assert any(blues)
    assert feed.status().state is SourceState.READY
    feed.close()


def test_pictures_without_sound_are_ready_and_silent(coast: Coast, clip: Path) -> None:
    coast.publish(clip, "-an")
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    played = play_for(feed, 25)
    assert None not in played
    assert not any(moment.sound.any() for moment in played if moment)
    feed.close()


def test_an_idle_publisher_costs_a_picture_and_levels(coast: Coast, clip: Path) -> None:
    coast.publish(clip)
    small = coast.folders.pictures / "source-harbour.jpg"
    loud = -120.0
    for _ in range(400):
        status = coast.desk.rows()[0].status
        loud = max(loud, *status.level_db)
        if small.exists() and loud > -20 and "kbit_s" in status.values:
            break
        time.sleep(0.02)
    assert small.read_bytes().startswith(b"\xff\xd8")
    assert loud > -20
    assert coast.desk.rows()[0].status.state is SourceState.IDLE


def test_the_ingest_may_die_and_the_feed_finds_the_next_one(coast: Coast, clip: Path) -> None:
    coast.publish(clip)
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    coast.end(coast.started[0])
    killed = time.monotonic()
    assert first_missing(feed, killed) < 0.4
    coast.start_ingest()
    coast.publish(clip)
    wait_for(feed, SourceState.READY, 8, feed.idle_tick)
    feed.close()


def test_off_air_the_buffer_stays_at_its_target(coast: Coast, clip: Path) -> None:
    coast.publish(clip)
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    time.sleep(1.5)  # nobody trims for a while, as in a busy stage
    feed.idle_tick()
    assert feed._buffer.depth <= TARGET_TICKS  # type: ignore[attr-defined]
    assert feed.preview() is not None
    feed.close()


def test_off_air_a_silent_publisher_is_lost_too(coast: Coast, clip: Path) -> None:
    publisher = coast.publish(clip)
    feed = coast.desk.open(REF)
    wait_for(feed, SourceState.READY, while_waiting=feed.idle_tick)
    publisher.send_signal(signal.SIGSTOP)
    assert wait_for(feed, SourceState.LOST, 2, feed.idle_tick) < 1.0
    feed.close()


def test_a_child_that_is_stopped_is_replaced_cued_or_idle_but_not_for_a_publisher_that_is_silent(
    coast: Coast, clip: Path
) -> None:
    publisher = coast.publish(clip)
    (kept,) = coast.desk._kept.values()
    assert isinstance(kept, KeptLive)
    stopped_and_replaced(lambda: kept._child)
    feed = coast.desk.open(REF)
    assert isinstance(feed, LiveFeed)
    wait_for(feed, SourceState.READY, 15, feed.idle_tick)
    play_for(feed, 10)
    stopped_and_replaced(lambda: feed._child)
    wait_for(feed, SourceState.READY, 10, feed.idle_tick)  # lost in between, for less than a busy machine looks away
    play_for(feed, 10)
    publisher.send_signal(signal.SIGSTOP)
    child = feed._child
    stand_by(feed, 50)
    assert feed._child is child
    feed.close()


def stopped_and_replaced(child: Callable[[], Child | None]) -> None:
    until = time.monotonic() + 10
    while (first := child()) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGSTOP)
    while child() is first:
        assert time.monotonic() < until
        time.sleep(0.02)
