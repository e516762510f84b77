"""More than thirty takes among files of many makes and a live publisher that is killed twice; then every frame read.

One minute on air is recorded by the publisher itself (a long retention); afterwards an independent reader decodes all
renditions and looks for holes, wrong steps, late takes and late slates.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.stand_ins.clips import H264, coloured, ffmpeg, flash_and_beep, make, publish
from tests.stand_ins.gatherings import KEY, OnAir, a_free_port, file_source, held_gathering, live_source
from tests.stand_ins.released import pictures, read_playlist, read_track, sound

from allpoints.publish.ladder import LADDERS
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec
from allpoints.stage.journal import read_lines
from allpoints.stage.protocol import Cue, StageReport, Take, Transition

pytestmark = pytest.mark.alone

LIVE, FLASHES = "live", "flashes"
LADDER = LADDERS["large"]


@dataclass
class Recorded:
    """What was done on air and when; ``colours`` are fingerprints of each tick of the largest rendition."""

    public: Path
    on_air: OnAir
    takes: list[tuple[datetime, str, Transition, str]] = field(default_factory=list)
    kills: list[datetime] = field(default_factory=list)
    prints: dict[int, NDArray[np.float32]] = field(default_factory=dict)

    def started(self) -> dict[str, int]:
        """The tick at which each airing's first frame left, by the journal."""
        return {
            line["airing"]: line["started_tick"]
            for line in read_lines(self.on_air.folders.journal)
            if line.get("state") == "on_air"
        }


def clips(folder: Path) -> list[SourceSpec]:
    """Ten files of ten makes; their greys tell them apart."""
    grey = {name: f"0x{shade:02x}{shade:02x}{shade:02x}" for name, shade in {
        "film": 50, "tape": 70, "web": 90, "mute": 110, "large": 130, "upright": 150, "mono": 170, "slow": 190,
    }.items()}
    made = {
        "film": make(folder / "film.mp4", coloured(grey["film"], 400, 6, rate="30")),
        "tape": make(folder / "tape.mpg", coloured(grey["tape"], 450, 6, size="720x576"),
                     ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-b:v", "3M", "-c:a", "mp2", "-shortest")),
        "web": make(folder / "web.webm", coloured(grey["web"], 500, 6, size="320x240", rate="24000/1001"),
                    ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime", "-c:a", "libopus",
                     "-shortest")),
        "mute": make(folder / "mute.avi", coloured(grey["mute"], 1, 6, rate="15"), ("-c:v", "mjpeg", "-an")),
        "large": make(folder / "large.mp4", coloured(grey["large"], 550, 6, size="1920x1080", rate="50"),
                      ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-c:a", "aac",
                       "-shortest")),
        "upright": make(folder / "upright.mov", coloured(grey["upright"], 600, 6, size="720x1280", rate="60")),
        "mono": make(folder / "mono.mkv", coloured(grey["mono"], 650, 6, rate="12"),
                     (*H264, "-ac", "1", "-ar", "44100")),
        "slow": make(folder / "slow.mp4", coloured(grey["slow"], 700, 6, rate="5")),
        FLASHES: make(folder / "flashes.mp4", flash_and_beep(20)),
    }
    ffmpeg("-f", "lavfi", "-i", "color=0xd2d2d2:s=1024x768:d=0.1", "-frames:v", "1", folder / "still.png")
    still = SourceSpec(SourceRef("still"), Localized({"en": "still"}), SourceKind.STILL, path=folder / "still.png")
    return [*(file_source(name, path) for name, path in made.items()), still]


def is_ready(report: StageReport, ref: str) -> bool:
    return report.next is not None and report.next.source == ref and report.next.ready


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("takes")
    port = a_free_port()
    sources = [*clips(folder), live_source(LIVE)]
    url = f"rtmp://127.0.0.1:{port}/live/{KEY}"
    with held_gathering(folder / "data", sources, port, retention="600") as on_air:
        on_air.until(lambda report: report.tick > 0)
        publisher = publish(folder / "flashes.mp4", url)
        try:
            record = Recorded(on_air.folders.public, on_air)
            publisher = perform(record, [source.ref for source in sources], publisher, folder, url)
        finally:
            publisher.kill()
            publisher.wait()
        last = on_air.timeline.tick_at(datetime.now(UTC))
        on_air.until(lambda report: (report.publication.released_tick or 0) > last)
        on_air.kill("stage")
        for at, luma in pictures(read_playlist(record.public / "v720" / "index.m3u8")):
            small = luma[: 720 // 80 * 80, : 1280 // 80 * 80].reshape(9, 80, 16, 80).mean(axis=(1, 3))
            record.prints[round(at * 25)] = small.astype(np.float32)
        yield record


def perform(
    record: Recorded, refs: list[str], publisher: subprocess.Popen[bytes], folder: Path, url: str
) -> subprocess.Popen[bytes]:
    """The minute on air: takes in turn, every third a mix; the live publisher dies twice while it is on."""
    on_air = record.on_air
    for number, ref in enumerate(itertools.islice(itertools.cycle(refs), 34)):
        on_air.ask(Cue(source=ref))
        on_air.until(lambda report, ref=str(ref): is_ready(report, ref))  # type: ignore[misc]
        if record.takes:
            time.sleep(max(0.0, 1.05 - (datetime.now(UTC) - record.takes[-1][0]).total_seconds()))
        transition: Transition = "mix" if number % 3 == 2 else "cut"
        asked_at = datetime.now(UTC)
        reply = on_air.ask(Take(transition=transition))
        assert reply.ok, reply
        assert reply.airing is not None
        record.takes.append((asked_at, ref, transition, reply.airing))
        if ref == FLASHES:
            time.sleep(5)
        if ref == LIVE:
            time.sleep(4)
            record.kills.append(datetime.now(UTC))
            publisher.send_signal(signal.SIGKILL)
            publisher.wait()
            time.sleep(1.5)
            publisher = publish(folder / "flashes.mp4", url)
    time.sleep(2)
    return publisher


@pytest.mark.timeout(240)
def test_at_least_thirty_takes_were_made_and_the_publisher_died_twice(recorded: Recorded) -> None:
    assert len(recorded.takes) >= 30
    assert len(recorded.kills) >= 2


@pytest.mark.parametrize("rung", LADDER.video, ids=lambda rung: rung.name)
def test_every_picture_follows_the_last_by_exactly_its_step(recorded: Recorded, rung: Any) -> None:
    playlist = read_playlist(recorded.public / rung.name / "index.m3u8")
    assert None not in playlist.files
    track = read_track(playlist)
    assert track.deltas() == {Fraction(rung.every, 25)}
    assert track.dts == sorted(set(track.dts))


@pytest.mark.parametrize("rung", LADDER.audio, ids=lambda rung: rung.name)
def test_every_codec_frame_of_sound_follows_the_last(recorded: Recorded, rung: Any) -> None:
    playlist = read_playlist(recorded.public / rung.name / "index.m3u8")
    assert None not in playlist.files
    track = read_track(playlist)
    assert track.deltas() == {Fraction(rung.frame, 48_000)}


def test_all_video_renditions_are_cut_on_the_same_ticks(recorded: Recorded) -> None:
    starts = set()
    for rung in LADDER.video:
        playlist = read_playlist(recorded.public / rung.name / "index.m3u8")
        track = read_track(playlist)
        starts.add((playlist.first_sequence, track.pts[0]))
        keys = {at for at, key in zip(track.pts, track.keyframes, strict=True) if key}
        assert all(at % 2 == 0 for at in keys)
    assert len(starts) == 1


def test_a_take_reaches_the_program_within_two_ticks(recorded: Recorded) -> None:
    started = recorded.started()
    late = []
    for asked_at, ref, _, airing in recorded.takes:
        begins = recorded.on_air.timeline.instant_of(started[airing])
        late.append(((begins - asked_at).total_seconds() * 1000, ref))
    print(f"take to frame: median {np.median([ms for ms, _ in late]):.0f} ms, worst {max(late)}")
    assert max(late)[0] <= 80


def test_a_cut_changes_the_picture_on_its_tick(recorded: Recorded) -> None:
    started = recorded.started()
    cuts = [(started[airing], ref) for _, ref, transition, airing in recorded.takes if transition == "cut"]
    seen = 0
    for tick, ref in cuts:
        if ref in (FLASHES, LIVE):
            continue
        before, on, later = (recorded.prints[tick + offset] for offset in (-1, 0, 8))
        greys = f"{ref} at {tick}: " + " ".join(f"{recorded.prints[tick + at].mean():.0f}" for at in range(-3, 12))
        assert np.abs(on - later).mean() < 6, f"it is not there on its tick; {greys}"
        assert np.abs(on - before).mean() > 6, f"it came before its tick; {greys}"
        seen += 1
    assert seen >= 15


def test_a_killed_publisher_is_slate_within_six_tenths_of_a_second(recorded: Recorded) -> None:
    slate = recorded.prints[min(recorded.prints)]
    for killed_at in recorded.kills:
        tick = recorded.on_air.timeline.tick_at(killed_at)
        first = next(each for each in range(tick, tick + 60) if np.abs(recorded.prints[each] - slate).mean() < 4)
        took = (recorded.on_air.timeline.instant_of(first) - killed_at).total_seconds()
        print(f"loss to slate: {took:.2f} s")
        assert took <= 0.6


@pytest.mark.parametrize("ref", [FLASHES, LIVE])
def test_flash_and_beep_are_within_twenty_five_milliseconds(recorded: Recorded, ref: str) -> None:
    playlist = read_playlist(recorded.public / "a64" / "index.m3u8")
    first, samples = sound(playlist)
    started = recorded.started()
    offsets = []
    for _, name, _, airing in recorded.takes:
        if name != ref:
            continue
        span = range(started[airing] + 25, started[airing] + 95)
        bright = {tick: recorded.prints[tick].mean() for tick in span}
        flashes = [tick for tick in span if bright[tick] > 150 and bright.get(tick - 1, 255) < 100]
        for tick in flashes:
            middle = round((Fraction(tick, 25) - first) * 48_000)
            around = np.abs(samples[middle - 9_600 : middle + 9_600, 0]) > 0.1
            if around.any():
                offsets.append((int(np.argmax(around)) - 9_600) / 48)
    print(f"{ref}: beep after flash {np.round(offsets, 1)} ms")
    assert len(offsets) >= 2
    assert np.abs(offsets).max() <= 25


def test_no_cut_clicks(recorded: Recorded) -> None:
    first, samples = sound(read_playlist(recorded.public / "a64" / "index.m3u8"))
    started = recorded.started()
    for _, ref, _, airing in recorded.takes:
        if ref in (FLASHES, LIVE):
            continue
        middle = round((Fraction(started[airing], 25) - first) * 48_000)
        steps = np.abs(np.diff(samples[middle - 2_400 : middle + 4_800, 0]))
        assert steps.max() < 0.12, f"a click at the take of {ref}"
