"""What listening and watching cost on the wire, boxes included."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.stand_ins.programs import flat, picture
from tests.stand_ins.publishing import feed, publishing
from tests.stand_ins.released import read_playlist

from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import SAMPLES_PER_TICK
from allpoints.publish.ladder import LADDERS
from allpoints.stage.tap import ProgramTick

START = 1_000_000
SECONDS = 60
WORDS = (
    "Good evening to every lighthouse. The oil is counted, the glass is clean, and the fog signal was heard from "
    "nine stations. Tonight we ask what a lamp is for: does it warn, or does it invite? Keeper Sanna has lived "
    "forty winters with that question, and she brought her logbook. Please, let us listen to her now. "
)


SPEAKER = """
import sys
from allpoints.app.demo.voices import Speech, Voice

speaking = Speech.start()
spoken = speaking.say(sys.argv[1], Voice("en"))
sys.stdout.buffer.write(speaking.sample_rate.to_bytes(4, "little") + spoken.tobytes())
"""
"""eSpeak NG can be started once in a process, and crashes the second time: it gets one of its own."""


def speech(seconds: int) -> NDArray[np.float32]:
    said = subprocess.run([sys.executable, "-c", SPEAKER, WORDS * 4], stdout=subprocess.PIPE, check=True).stdout
    spoken = np.frombuffer(said[4:], np.float32) * 0.8
    at = np.arange(seconds * 48_000) * (int.from_bytes(said[:4], "little") / 48_000)
    voice: NDArray[np.float32] = np.interp(at, np.arange(len(spoken)), spoken, period=len(spoken)).astype("f4")
    return voice


def chords(seconds: int) -> NDArray[np.float32]:
    """Stereo: each second another chord of plucked tones with overtones, slightly apart between the ears."""
    at = np.arange(48_000) / 48_000
    sides = []
    for detuned in (1.0, 1.003):
        bars = []
        for second in range(seconds):
            root = 110 * 2 ** ([0, 5, 7, 3, 8][second % 5] / 12) * detuned
            bars.append(sum(
                np.sin(2 * np.pi * root * ratio * overtone * at) * np.exp(-at * overtone) / overtone
                for ratio in (1, 1.25, 1.5, 2) for overtone in range(1, 9)
            ) * 0.07)
        sides.append(np.concatenate(bars))
    return np.stack(sides, axis=1).astype(np.float32)


def applause(seconds: int) -> NDArray[np.float32]:
    dice = np.random.default_rng(3)
    claps = np.convolve(dice.random(seconds * 48_000) < 0.002, np.exp(-np.arange(900) / 200), "same")
    clapping: NDArray[np.float32] = dice.standard_normal((seconds * 48_000, 2), np.float32) * claps[:, None] * 0.12
    return clapping.astype(np.float32)


def gathering(seconds: int) -> NDArray[np.float32]:
    """Speech, speech over music, music, applause, speech."""
    voice = speech(seconds)
    mixed = np.stack([voice, voice], axis=1)
    a, b, c, d = (seconds * share // 20 * 48_000 for share in (6, 10, 14, 16))
    mixed[a:b] = mixed[a:b] * 0.7 + chords((b - a) // 48_000) * 0.5
    mixed[b:c] = chords((c - b) // 48_000)
    mixed[c:d] = applause((d - c) // 48_000)
    return np.clip(mixed, -1, 1, out=mixed)


def talk(seconds: int) -> NDArray[np.float32]:
    """One voice all the time."""
    voice = speech(seconds)
    return np.stack([voice, voice], axis=1)


def sizes(folders: Folders, name: str) -> list[int]:
    """Bytes: the init segment, then each segment."""
    playlist = read_playlist(folders.public / name / "index.m3u8")
    return [playlist.init.stat().st_size, *(file.stat().st_size for file in playlist.files if file)]


def listen(folders: Folders, sound: NDArray[np.float32]) -> dict[str, float]:
    """Publish sound for a minute; the bit rate on the wire of each rendition, as a share of its nominal one."""
    grey = flat(90)
    with publishing(folders, ladder="audio", retention="600") as publisher:
        publisher.run_started(START)
        feed(publisher, (
            ProgramTick(START + tick, grey, sound[tick * SAMPLES_PER_TICK :][:SAMPLES_PER_TICK])
            for tick in range(len(sound) // SAMPLES_PER_TICK)
        ))
        publisher.run_ended()
    shares = {}
    for rung in LADDERS["audio"].audio:
        init, *segments = sizes(folders, rung.name)
        segments = segments[: SECONDS // 2]
        assert len(segments) == SECONDS // 2
        shares[rung.name] = (init + sum(segments)) * 8 / SECONDS / rung.bit_rate
    return shares


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data", tmp_path / "memory")


@pytest.mark.parametrize("sounding", [gathering, talk])
def test_a_minute_of_sound_costs_what_its_rendition_is_called(
    folders: Folders, sounding: Callable[[int], NDArray[np.float32]]
) -> None:
    shares = listen(folders, sounding(SECONDS + 1))
    assert all(0.9 <= share <= 1.1 for share in shares.values()), shares


def test_silence_costs_no_more_than_sound(folders: Folders) -> None:
    shares = listen(folders, np.zeros(((SECONDS + 1) * 48_000, 2), np.float32))
    assert all(share <= 1.1 for share in shares.values()), shares
    assert shares["opus16"] >= 0.9, "a constant rate tells a watcher of the line nothing about pauses"


def bandwidths(folders: Folders) -> dict[str, int]:
    """BANDWIDTH of each variant, by the name of its rendition."""
    lines = (folders.public / "master.m3u8").read_text().splitlines()
    return {
        uri.split("/")[0]: int(line.split("BANDWIDTH=")[1].split(",")[0])
        for line, uri in pairwise(lines) if line.startswith("#EXT-X-STREAM-INF")
    }


def calm_then_hard(ticks: int) -> Iterator[ProgramTick]:
    """A still picture lets an encoder save up; then everything changes with every tick."""
    dice = np.random.default_rng(5)
    noise = [picture(dice.integers(16, 236, (HEIGHT, WIDTH), dtype=np.uint8)) for _ in range(7)]
    still = noise[0]
    for tick in range(ticks):
        sound = dice.standard_normal((SAMPLES_PER_TICK, 2)).astype(np.float32) * 0.3
        yield ProgramTick(START + tick, noise[tick % 7] if tick >= 150 else still, sound.clip(-1, 1))


@pytest.mark.parametrize("ladder", ["large", "small"])
def test_no_segment_takes_more_than_its_variant_announces(folders: Folders, ladder: str) -> None:
    with publishing(folders, ladder=ladder) as publisher:
        publisher.run_started(START)
        feed(publisher, calm_then_hard(400))
        publisher.run_ended()
    announced = bandwidths(folders)
    worst = {}
    for rung in LADDERS[ladder].video:
        together = zip(sizes(folders, rung.name)[1:], sizes(folders, rung.sound)[1:], strict=False)
        worst[rung.name] = max(picture + sound for picture, sound in together) * 4 / announced[rung.name]
    for sound in LADDERS[ladder].audio:
        worst[sound.name] = max(sizes(folders, sound.name)[1:]) * 4 / announced[sound.name]
    assert all(share <= 1.1 for share in worst.values()), worst
