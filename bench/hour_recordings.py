"""The clips that an hour is made of, and what its recordings are worth afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np

from allpoints.app.demo.clips import encode
from allpoints.app.drill.gathering import CLIP_SECONDS, LAMP, SPEAKER_SOURCE, clip
from allpoints.contribute.recording.gaps import Gap
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_SECOND, TICKS_PER_SEGMENT
from allpoints.publish.ladder import UnitName
from allpoints.publish.recording.export import export
from allpoints.publish.recording.listing import recordings
from bench.pattern import FLASH_TICKS
from bench.sync import file_offsets_ms

FFPROBE = "/usr/bin/ffprobe"
SEGMENT = timedelta(seconds=TICKS_PER_SEGMENT / TICKS_PER_SECOND)
SLACK = timedelta(seconds=0.1)
MEASURED_SECONDS = 20.0


def make_flashing_clips(folders: Folders) -> None:
    """The drill's two clips, each with a flash and a beep every second."""
    folders.media.mkdir(parents=True, exist_ok=True)
    at = np.arange(CLIP_SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    on = at % 1 < FLASH_TICKS / TICKS_PER_SECOND
    for ref, hue, hertz in ((LAMP, 60, 1000.0), (SPEAKER_SOURCE, 170, 1200.0)):
        wave = (0.4 * on * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
        encode(clip(folders, ref), _pictures(hue), np.stack([wave, wave], axis=1), quality=28)


def _pictures(hue: int) -> Iterator[av.VideoFrame]:
    """A bar that sweeps over a dark ground, and white for two pictures of each second."""
    ground = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    ground[HEIGHT:HEIGHT * 5 // 4] = hue
    for number in range(CLIP_SECONDS * TICKS_PER_SECOND):
        planes = ground.copy()
        planes[:HEIGHT] = 225 if number % TICKS_PER_SECOND < FLASH_TICKS else 50
        left = number * 8 % WIDTH
        planes[:HEIGHT, left:left + 80] = 120
        yield av.VideoFrame.from_ndarray(planes, format="yuv420p")


def recordings_told(
    folders: Folders, epoch: datetime, got: frozenset[str], garbled: list[tuple[datetime, datetime]], scratch: Path
) -> dict[str, Any]:
    """What is recorded, held against the segments that a viewer ``got`` (``rendition/file``). A source that sent
    garbage in the times ``garbled`` is recorded as it was sent: what a player says against that is told apart."""
    tracks = {each.what: each for each in recordings(folders)}
    program = tracks["program"]
    last = program.takes[-1].ended_at
    unrecorded, released = [], 0
    for number in sorted({unit.slot.segment for name in got if name.startswith("v")
                          and (unit := UnitName.read(name.split("/")[1])) and unit.slot.part is None}):
        begins, ends = epoch + number * SEGMENT, epoch + (number + 1) * SEGMENT
        if ends > last + SLACK:
            continue
        released += 1
        covered = any(take.began_at - SLACK <= begins and ends <= take.ended_at + SLACK for take in program.takes)
        announced = any(gap.code and gap.began_at < ends and (gap.ended_at is None or gap.ended_at > begins)
                        for gap in program.gaps)
        if not covered and not announced:
            unrecorded.append(number)
    exported = scratch / "program.mp4"
    done = export(program, exported)
    takes = [take for track in tracks.values() for take in track.takes]
    as_sent = {take.path for track in tracks.values() if track is not program for take in track.takes
               if any(take.began_at < until and take.ended_at > since for since, until in garbled)}
    complaints = {path: told for path in [*(take.path for take in takes), exported] if (told := unplayable(path))}
    return {
        "tracks": {name: {
            "files": len(track.takes), "minutes": round(track.length.total_seconds() / 60, 2),
            "megabytes": round(track.size / 1e6, 1),
            "gaps": [_gap(gap) for gap in track.gaps],
        } for name, track in tracks.items()},
        "segments_released": released, "unrecorded": unrecorded,
        "unannounced": [gap.began_at.isoformat() for gap in program.gaps if not gap.code],
        "files_probed": len(takes) + 1,
        "unplayable": [told for path, told in complaints.items() if path not in as_sent],
        "garbled_as_sent": [told for path, told in complaints.items() if path in as_sent],
        "exported_minutes": round(done.length.total_seconds() / 60, 2), "holes_of_export": len(done.holes),
        "beep_after_flash_ms": file_offsets_ms(exported, MEASURED_SECONDS),
    }


def _gap(gap: Gap) -> tuple[str, str, float | None]:
    """Why, from when, and for how many seconds."""
    seconds = None if gap.ended_at is None else round((gap.ended_at - gap.began_at).total_seconds(), 2)
    return gap.code, gap.began_at.isoformat(timespec="milliseconds"), seconds


def unplayable(file: Path) -> str:
    """What ffprobe has to say against a file, or that it has no pictures and no sound; empty when nothing."""
    probe = subprocess.run(
        [FFPROBE, "-v", "error", "-count_packets", "-show_entries", "stream=codec_type,nb_read_packets",
         "-of", "csv=p=0", str(file)], capture_output=True, text=True, check=False,
    )
    packets = [int(line.split(",")[1]) for line in probe.stdout.split() if line.split(",")[1].isdigit()]
    if probe.returncode or probe.stderr.strip() or not packets or min(packets) == 0:
        return f"{file.name}: {probe.stderr.strip()[:200] or packets}"
    return ""
