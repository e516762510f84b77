"""Forty minutes of timeline from 26 h 20 min, across the wrap of 33-bit timestamps, and many hours more with tiny
pictures, on a clock that moves as fast as the machine computes.

Both timelines are made at once, each by a process of its own that is the whole stage with its publisher; this process
reads every segment back. Nothing here depends on how busy the machine is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stand_ins.released import Playlist, pictures, read_playlist, sound

from allpoints.kernel.folders import Folders
from bench.curves import Curve, draw
from bench.process_figures import Figures, figures_of
from bench.proofs import keep, keep_picture
from bench.sync import beeps_after_flashes_ms
from bench.timeline_on_air import EPOCH, ladder_of
from bench.timeline_reading import SEGMENT, Reader

BEGINS_HOURS = 26 + 20 / 60
WRAP_SECONDS = 2**33 / 90_000
WARM_UP_SECONDS = 240.0
MOST_GROWTH_MB = 50.0
LOOK_EVERY = 0.02
SAMPLE_EVERY = 10.0
GIVE_UP_SECONDS = 120.0


@dataclass
class Sampled:
    """What the process looked like when the timeline stood at ``hours``."""

    hours: float
    figures: Figures


@dataclass
class Timeline:
    """One of the two. It ends after ``timeline_minutes`` of timeline or ``computing_minutes`` of computing."""

    size: str
    begins_hours: float
    timeline_minutes: float
    computing_minutes: float
    settings: dict[str, str]
    samples: list[Sampled] = field(default_factory=list)
    outcome: dict[str, Any] = field(default_factory=dict)
    failure: str = ""

    def run(self, folder: Path) -> None:
        """Make it and read it. Never raises: what went wrong is in ``failure``."""
        try:
            self._run(folder)
        except Exception as failure:  # on a thread of its own: the other timeline goes on
            self.failure = repr(failure)

    def _run(self, folder: Path) -> None:
        environment = os.environ | {"ALLPOINTS_MEMORY": str(folder)}
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.timeline_on_air", str(folder / "data"), self.size,
             str(self.begins_hours * 3600), json.dumps(self.settings)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "on air\n"
            folders = Folders.beneath(folder / "data", folder)
            reader = Reader(folders.public, ladder_of(self.size), EPOCH)
            began = time.monotonic()
            self._follow(process, reader, began)
            computed = time.monotonic() - began
            offsets = sync_offsets_ms(folders.public)
            told, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        self.outcome = self._told(reader, computed, offsets) | json.loads(told)

    def _follow(self, process: subprocess.Popen[str], reader: Reader, began: float) -> None:
        assert process.stdin is not None
        moved_at, sampled_at, newest = began, float("-inf"), -1
        while time.monotonic() - began < self.computing_minutes * 60:
            looked = reader.look()
            if looked > newest:
                newest, moved_at = looked, time.monotonic()
                process.stdin.write(f"{newest}\n")
                process.stdin.flush()
                hours = (newest + 1) * SEGMENT / 3600
                if moved_at - sampled_at >= SAMPLE_EVERY:
                    sampled_at = moved_at
                    self.samples.append(Sampled(hours, figures_of(process.pid)))
                if (hours - self.begins_hours) * 60 >= self.timeline_minutes:
                    break
            elif time.monotonic() - moved_at > GIVE_UP_SECONDS or process.poll() is not None:
                raise TimeoutError(f"stands still at segment {newest}")
            time.sleep(LOOK_EVERY)
        self.samples.append(Sampled((newest + 1) * SEGMENT / 3600, figures_of(process.pid)))

    def _told(self, reader: Reader, computed: float, offsets: list[float]) -> dict[str, Any]:
        ended = self.samples[-1].hours
        warm = [each for each in self.samples
                if each.hours - self.begins_hours >= min(WARM_UP_SECONDS / 3600, (ended - self.begins_hours) / 3)]
        first, last = warm[0].figures, warm[-1].figures
        return {
            "begins_hours": self.begins_hours, "ends_hours": round(ended, 4),
            "crosses_wrap_at_hours": round(WRAP_SECONDS / 3600, 4)
            if self.begins_hours < WRAP_SECONDS / 3600 < ended else None,
            "computing_minutes": round(computed / 60, 2), "settings": self.settings,
            "memory_growth_mb": round(last.resident_mb - first.resident_mb, 2),
            "memory_peak_growth_mb": round(max(each.figures.resident_mb for each in warm) - first.resident_mb, 2),
            "threads": sorted({each.figures.threads for each in warm}),
            "descriptors": sorted({each.figures.descriptors for each in warm}),
            "most_files_of_a_rendition": reader.most_files,
            "beep_after_flash_at_the_end_ms": offsets, "faults": reader.faults, "renditions": reader.told(),
        }

    @property
    def holds(self) -> bool:
        """Whether it kept what it should."""
        told = self.outcome
        return not self.failure and not told["faults"] and not told["troubles"] and told["holes"] == 0 and (
            told["memory_peak_growth_mb"] < MOST_GROWTH_MB
            and max(told["threads"]) <= told["threads"][0] + 1
            and max(told["descriptors"]) <= told["descriptors"][0] + 3
            and len(told["beep_after_flash_at_the_end_ms"]) > 0
            and max(map(abs, told["beep_after_flash_at_the_end_ms"])) <= 25
            and all(row["adds_up_exactly"] for row in told["renditions"].values())
        )


def sync_offsets_ms(public: Path) -> list[float]:
    """How long after each flash its beep comes, in the newest segments of the largest picture and its sound."""
    listed = {name: read_playlist(public / name / "index.m3u8") for name in ("v720", "a64")}
    end = min(playlist.first_sequence + len(playlist.files) for playlist in listed.values())

    def newest(name: str) -> Playlist:
        playlist = listed[name]
        skip = end - 6 - playlist.first_sequence
        return Playlist(playlist.init, end - 6, playlist.files[skip:skip + 6])

    start, samples = sound(newest("a64"))
    brightness = ((at, float(luma.mean())) for at, luma in pictures(newest("v720")))
    return beeps_after_flashes_ms(brightness, start, samples[:, 0])


def run(timeline_minutes: float, minutes: float) -> bool:
    """Make both, print, keep; whether all held."""
    long = Timeline("real", BEGINS_HOURS, timeline_minutes, 1e6, {"low_latency": "on", "release_delay": "4"})
    tiny = Timeline("tiny", BEGINS_HOURS + timeline_minutes / 60, 1e6, minutes, {"release_delay": "4"})
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="allpoints-long-") as scratch:
        threads = []
        for each in (long, tiny):
            folder = Path(scratch) / each.size
            folder.mkdir()
            threads.append(threading.Thread(target=each.run, args=(folder,)))
            threads[-1].start()
        for thread in threads:
            thread.join()
    for each in (long, tiny):
        print(each.failure or json.dumps({name: value for name, value in each.outcome.items()
                                          if name not in ("renditions", "settings")}), flush=True)
    if long.failure or tiny.failure:
        return False
    holds = {"real": long.holds, "tiny": tiny.holds}
    print(f"all as it should be: {holds}")
    figures = {"holds": holds, "real": long.outcome, "tiny": tiny.outcome, "samples": {
        each.size: [[round(s.hours, 3), s.figures.resident_mb, s.figures.threads, s.figures.descriptors]
                    for s in each.samples] for each in (long, tiny)}}
    print(f"kept in {keep('long-timeline', figures)}")
    keep_picture("long-timeline", draw("Resident memory of the stage, MB", "hours of timeline", [
        Curve(f"{each.size} pictures", [(s.hours, s.figures.resident_mb) for s in each.samples])
        for each in (long, tiny)]))
    return all(holds.values())


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--timeline-minutes", type=float, default=40, help="of timeline with real pictures")
    options.add_argument("--minutes", type=float, default=40, help="of computing with tiny pictures")
    given = options.parse_args()
    return not run(given.timeline_minutes, given.minutes)


if __name__ == "__main__":
    sys.exit(main())
