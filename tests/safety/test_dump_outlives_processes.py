"""What was dumped within the release delay is in no released byte, whichever process dies within the delay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.stand_ins.clips import coloured, make
from tests.stand_ins.gatherings import OnAir, a_free_port, file_source, held_gathering
from tests.stand_ins.released import Playlist, open_joined, read_playlist, read_track, sound

from allpoints.publish.dumps import dumps_path, record_dump
from allpoints.publish.ladder import LADDERS
from allpoints.stage.journal import read_lines
from allpoints.stage.protocol import Cue, Take

DELAY_SECONDS = 6
MARKER_HERTZ = 2500
LADDER = LADDERS["small"]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    make(folder / "calm.mp4", coloured("0x405060", 300, 30))
    make(folder / "marker.mp4", coloured("magenta", MARKER_HERTZ, 30))
    return folder


def child_of(on_air: OnAir, name: str) -> int:
    """The process id of one of the supervisor's children."""
    supervisor = on_air.processes["serve"].pid
    for pid in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        if words[3:4] == [name]:
            return int(pid)
    raise AssertionError(f"{name} is not running")


def dump(on_air: OnAir) -> None:
    """The decision, by the command line: it must be possible whatever is running."""
    subprocess.run([sys.executable, "-m", "allpoints", "dump"], env={**os.environ, **on_air.environment}, check=True,
                   timeout=30, stdout=subprocess.DEVNULL)


def take(on_air: OnAir, ref: str) -> None:
    assert on_air.ask(Cue(source=ref)).ok
    on_air.until(lambda report: report.next is not None and report.next.source == ref and report.next.ready)
    assert on_air.ask(Take()).ok


@pytest.fixture
def on_air(tmp_path: Path, films: Path) -> Iterator[OnAir]:
    sources = [file_source(name, films / f"{name}.mp4") for name in ("calm", "marker")]
    with held_gathering(
        tmp_path / "data", sources, a_free_port(), ("serve",), port=str(a_free_port()), ladder="small",
        release_delay=str(DELAY_SECONDS), retention="600",
    ) as running:
        running.until(lambda report: report.tick > 0)
        take(running, "calm")
        time.sleep(2)
        take(running, "marker")
        time.sleep(1.2)
        yield running


def released_past(on_air: OnAir, tick: int) -> None:
    on_air.until(lambda report: (report.publication.released_tick or 0) > tick, seconds=60)


def marker_ticks(on_air: OnAir) -> list[int]:
    return [line["tick"] for line in read_lines(on_air.folders.journal)
            if line.get("source") == "marker" and line.get("state") == "on_air"]


def magenta_share(playlist: Playlist) -> float:
    """The largest share of magenta in any picture: both chroma planes far above the middle."""
    most = 0.0
    with open_joined(playlist) as container:
        for frame in container.decode(video=0):
            assert isinstance(frame, av.VideoFrame)
            blue, red = (np.frombuffer(bytes(frame.planes[n]), np.uint8) for n in (1, 2))
            most = max(most, float(((blue > 165) & (red > 165)).mean()))
    return most


def tone_level(playlist: Playlist) -> float:
    """The loudest the marker's tone is in any 20 ms of sound, full scale 1."""
    _, samples = sound(playlist)
    mono = samples.mean(axis=1)
    mono = mono[: len(mono) // 960 * 960].reshape(-1, 960)
    phase = np.exp(-2j * np.pi * MARKER_HERTZ * np.arange(960) / 48_000)
    return float(np.abs(mono @ phase).max() / 480)


def assert_nothing_of_the_marker(on_air: OnAir) -> None:
    decided = next(read_lines(dumps_path(on_air.folders)))["tick"]
    late = (decided - marker_ticks(on_air)[0]) / 25
    assert late < DELAY_SECONDS, f"the decision came {late} s after the marker: nobody promised that it is in time"
    for rung in LADDER.video:
        assert magenta_share(read_playlist(on_air.folders.public / rung.name / "index.m3u8")) < 0.01, rung.name
    for heard in LADDER.audio:
        assert tone_level(read_playlist(on_air.folders.public / heard.name / "index.m3u8")) < 0.004, heard.name
    assert not list(on_air.folders.public.rglob("*.jpg"))


def assert_the_timeline_is_exact(on_air: OnAir) -> None:
    """Every step is one picture long, or a hole of whole segments between two runs."""
    for rung in LADDER.video:
        playlist = read_playlist(on_air.folders.public / rung.name / "index.m3u8")
        steps = read_track(playlist).deltas()
        one = Fraction(rung.every, 25)
        assert all(step == one or (step - one) % 2 == 0 for step in steps), steps
        assert (None in playlist.files) == (steps != {one})


@pytest.mark.timeout(120)
def test_without_a_dump_the_marker_is_seen_and_heard(on_air: OnAir) -> None:
    """The control: these eyes and ears do find the marker when nobody dumps it."""
    released_past(on_air, marker_ticks(on_air)[0] + 100)
    seen = magenta_share(read_playlist(on_air.folders.public / "v240" / "index.m3u8"))
    assert seen > 0.8  # the rest is padding of the rows
    assert tone_level(read_playlist(on_air.folders.public / "a64" / "index.m3u8")) > 0.05


@pytest.mark.timeout(120)
@pytest.mark.parametrize("victim", ["nobody", "web", "stage", "supervisor"])
def test_a_dumped_marker_is_in_no_released_byte(on_air: OnAir, victim: str) -> None:
    assert marker_ticks(on_air)
    if victim == "supervisor":
        on_air.kill("serve")
    elif victim != "nobody":
        os.kill(child_of(on_air, victim), signal.SIGKILL)
    dump(on_air)
    dumped_at = on_air.timeline.tick_at(datetime.now(UTC))
    if victim == "supervisor":
        time.sleep(2.5)
        on_air.start("serve")
    released_past(on_air, dumped_at + 75)
    assert_nothing_of_the_marker(on_air)
    assert_the_timeline_is_exact(on_air)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seconds", [0.6, 1.2])
def test_a_decision_made_while_the_stage_comes_back_holds(on_air: OnAir, seconds: float) -> None:
    """The stage that starts has read what it brings back, and does not answer yet."""
    os.kill(child_of(on_air, "stage"), signal.SIGKILL)
    time.sleep(seconds)
    decided_at = on_air.timeline.tick_at(datetime.now(UTC))
    record_dump(on_air.folders, decided_at)
    released_past(on_air, decided_at + 150)
    assert_nothing_of_the_marker(on_air)
    assert_the_timeline_is_exact(on_air)


@pytest.mark.timeout(120)
def test_a_decision_made_while_the_stage_hangs_holds(on_air: OnAir) -> None:
    """It wakes, before it is taken for dead, with the marker on air, and makes up for the ticks that it slept."""
    stage = child_of(on_air, "stage")
    os.kill(stage, signal.SIGSTOP)
    decided_at = on_air.timeline.tick_at(datetime.now(UTC))
    record_dump(on_air.folders, decided_at)
    time.sleep(0.6)
    os.kill(stage, signal.SIGCONT)
    released_past(on_air, decided_at + 150)
    assert_nothing_of_the_marker(on_air)
    assert_the_timeline_is_exact(on_air)


@pytest.mark.timeout(120)
def test_a_decision_made_just_before_the_stage_dies_holds(on_air: OnAir) -> None:
    dump(on_air)
    os.kill(child_of(on_air, "stage"), signal.SIGKILL)
    dumped_at = on_air.timeline.tick_at(datetime.now(UTC))
    released_past(on_air, dumped_at + 75)
    assert_nothing_of_the_marker(on_air)
    assert_the_timeline_is_exact(on_air)
