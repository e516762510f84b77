"""What is published, read by others: every sample on its instant, through a restart, in every rendition."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from tests.stand_ins.programs import flash_and_beep
from tests.stand_ins.publishing import feed, public_slots, publishing
from tests.stand_ins.released import Playlist, open_joined, pictures, read_playlist, read_track, sound

from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import LADDERS, AudioRung, Rung, UnitName, VideoRung
from allpoints.publish.shelf import next_start_tick

START = 44_000_000  # two years after the epoch nearly: far beyond 32 bits of samples
LADDER = LADDERS["large"]
RUNGS = {rung.name: rung for rung in LADDER.rungs}
every_rung = pytest.mark.parametrize("name", RUNGS)


@pytest.fixture(scope="module", params=["off", "on"], ids=["classic", "low-latency"])
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """Flashes and beeps for 10 s, an end in the middle of a segment, a new start, and 8 s more."""
    folder = tmp_path_factory.mktemp("published")
    folders = Folders(folder / "data", folder / "memory")
    for wall, count in ((START, 262), (START + 301, 205)):
        with publishing(folders, low_latency=request.param, retention="600") as publisher:
            tick = next_start_tick(folders, wall, 0)
            publisher.run_started(tick)
            feed(publisher, map(flash_and_beep, range(tick, tick + count)))
            publisher.run_ended()
    return folders


def classic(folders: Folders, name: str) -> Playlist:
    return read_playlist(folders.public / name / "index.m3u8")


def unbroken(playlist: Playlist) -> Iterator[Playlist]:
    """The runs between gaps, each as a playlist of its own."""
    numbered = enumerate(playlist.files, playlist.first_sequence)
    for there, group in groupby(numbered, key=lambda entry: entry[1] is not None):
        if there:
            entries = list(group)
            yield Playlist(playlist.init, entries[0][0], tuple(file for _, file in entries))


def step_of(rung: Rung) -> Fraction:
    return Fraction(rung.every, 25) if isinstance(rung, VideoRung) else Fraction(rung.frame, 48_000)


def starts_at(rung: Rung, segment: int) -> Fraction:
    """The first multiple of the rung's step at or after a segment's 2 s mark; a picture is on every mark."""
    step = step_of(rung)
    return -(-segment * 2 // step) * step


@every_rung
def test_numbers_follow_the_clock_through_a_restart(folders: Folders, name: str) -> None:
    first = START // 50
    present = [*range(first, first + 5), *range(first + 7, first + 11)]
    playlist = classic(folders, name)
    assert playlist.first_sequence == first
    assert [file and file.name for file in playlist.files] == [
        f"g1-{number}.m4s" if number in present else None for number in range(first, first + 11)
    ]


@every_rung
def test_every_sample_follows_the_one_before_by_exactly_one_step(folders: Folders, name: str) -> None:
    rung = RUNGS[name]
    runs = list(unbroken(classic(folders, name)))
    assert [len(run.files) for run in runs] == [5, 4]
    for run in runs:
        track = read_track(run)
        assert track.deltas() == {step_of(rung)}
        assert track.dts == track.pts
        assert track.pts[0] == starts_at(rung, run.first_sequence)
        assert track.pts[-1] + step_of(rung) == starts_at(rung, run.first_sequence + len(run.files))
        keys = [pts for pts, key in zip(track.pts, track.keyframes, strict=True) if key]
        segments = range(run.first_sequence, run.first_sequence + len(run.files))
        assert keys == ([starts_at(rung, each) for each in segments] if isinstance(rung, VideoRung) else track.pts)


@every_rung
def test_each_file_alone_holds_exactly_its_place(folders: Folders, name: str) -> None:
    rung, playlist = RUNGS[name], classic(folders, name)
    for slot in public_slots(folders, name):
        track = read_track(replace(playlist, files=(folders.public / name / UnitName(slot, 1).file_name,)))
        step = step_of(rung)
        assert track.pts[0] == -(-Fraction(slot.first_tick, 25) // step) * step
        assert track.pts[-1] + step == -(-Fraction(slot.end_tick, 25) // step) * step


@every_rung
def test_every_frame_decodes_and_none_is_lost(folders: Folders, name: str) -> None:
    for run in unbroken(classic(folders, name)):
        with open_joined(run) as container:
            frames = list(container.decode(container.streams[0]))
        assert len(frames) == len(read_track(run).pts)
        assert not any(getattr(frame, "is_corrupt", False) for frame in frames)


def beginnings(times: list[Fraction]) -> list[Fraction]:
    return [at for number, at in enumerate(times) if number == 0 or at - times[number - 1] > Fraction(1, 2)]


@pytest.mark.parametrize("video", [rung.name for rung in LADDER.video])
def test_flash_and_beep_stay_within_25_ms(folders: Folders, video: str) -> None:
    """Flashes come at full seconds. At 12.5 fps every second one is shown a picture later, and is not looked at. A
    run's very first beep has no codec frame before it and fades in."""
    worst: dict[str, float] = {}
    for number, run in enumerate(unbroken(classic(folders, video))):
        flashes = beginnings([at for at, luma in pictures(run) if luma.mean() > 150])
        flashes = [at for at in flashes if at.denominator == 1][1:]
        for audio in LADDER.audio:
            start, samples = sound(list(unbroken(classic(folders, audio.name)))[number])
            loud = np.nonzero(np.abs(samples[:, 0]) > 0.05)[0]
            beeps = beginnings([start + Fraction(int(at), 48_000) for at in loud])
            offsets = [min((beep - flash for beep in beeps), key=abs) for flash in flashes]
            assert len(offsets) >= 3
            worst[audio.name] = max(worst.get(audio.name, 0.0), *(abs(float(offset)) for offset in offsets))
    assert all(offset <= 0.025 for offset in worst.values()), worst


def ffprobe(source: Path, *options: str) -> list[str]:
    """What Debian's ffprobe reads; any warning fails the test."""
    run = subprocess.run(
        ["ffprobe", "-v", "warning", *options, "-of", "csv=p=0", str(source)],
        capture_output=True, text=True, timeout=60, check=True,
    )
    assert not run.stderr
    return run.stdout.split()


@every_rung
def test_ffprobe_reads_init_and_segments_and_the_playlist_itself(folders: Folders, tmp_path: Path, name: str) -> None:
    rung = RUNGS[name]
    run = next(unbroken(classic(folders, name)))
    joined = tmp_path / "joined.mp4"
    joined.write_bytes(run.init.read_bytes() + b"".join(file.read_bytes() for file in run.files if file))
    expected = str(len(read_track(run).pts))
    assert ffprobe(joined, "-count_frames", "-show_entries", "stream=nb_read_frames") == [expected]
    codec = {"aac": "aac", "libopus": "opus"}[rung.codec] if isinstance(rung, AudioRung) else "h264"
    for playlist in (folders.public / name).glob("*.m3u8"):
        # FFmpeg 5.1 knows no EXT-X-GAP: it gets the list up to the gap, as it stood then, and once more as a whole.
        complete = playlist.with_name("ended.m3u8")
        complete.write_text(playlist.read_text().split("#EXT-X-DISCONTINUITY\n")[0].split("#EXT-X-GAP")[0]
                            + "#EXT-X-ENDLIST\n")
        try:
            frames = ffprobe(complete, "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames")
        finally:
            complete.unlink()
        assert frames[0] == f"{codec},{expected}"
        assert ffprobe(playlist, "-show_entries", "stream=codec_name")[0] == codec
