"""A real program, recorded by a process that is killed, joined, and measured by an independent reader."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.room.publish.releasing import eventually
from tests.stand_ins.programs import flash_and_beep
from tests.stand_ins.publishing import feed, publishing
from tests.stand_ins.recording import told

from allpoints.kernel.folders import Folders
from allpoints.publish.recording.export import ExportExists, ExportFormat, NothingRecorded, export
from allpoints.publish.recording.listing import Recording, recordings
from allpoints.publish.recording.program_file import files_of

FIRST = 20_097  # three segments before the file is cut
START = FIRST * 50
SEGMENTS = 22


def start_recorder(folders: Folders) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.media.publish.recorder", folders.data, folders.memory])


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folders, Recording]:
    """Forty-four seconds of flashes and beeps; the recorder is killed while it writes, and again at once."""
    folder = tmp_path_factory.mktemp("recorded")
    folders = Folders(folder / "data", folder / "memory")
    folders.make()
    recorder = start_recorder(folders)
    program = folders.recordings / "program"

    def last() -> int:
        return max((file.last for file in files_of(program)), default=0)

    try:
        with publishing(folders, ladder="small", retention="600") as publisher:
            publisher.run_started(START)
            for number in range(SEGMENTS):
                feed(publisher, map(flash_and_beep, range(START + number * 50, START + number * 50 + 50)))
                if number in (8, 9):
                    eventually(lambda: last() > FIRST + 3, seconds=20)
                    recorder.send_signal(signal.SIGKILL)
                    recorder.wait()
                    recorder = start_recorder(folders)
            feed(publisher, map(flash_and_beep, range(START + SEGMENTS * 50, START + SEGMENTS * 50 + 5)))
            eventually(lambda: last() == FIRST + SEGMENTS - 1, seconds=30)
    finally:
        recorder.kill()
        recorder.wait()
    (recording,) = recordings(folders)
    return folders, recording


def probe(path: Path, *what: str) -> Any:
    done = subprocess.run(
        ["/usr/bin/ffprobe", "-v", "error", "-of", "json", *what, str(path)],
        capture_output=True, check=True, timeout=60,
    )
    assert done.stderr == b""
    return json.loads(done.stdout)


def test_two_kills_cost_no_segment_and_no_byte_is_there_twice(recorded: tuple[Folders, Recording]) -> None:
    folders, recording = recorded
    assert [(file.first, file.last) for file in files_of(folders.recordings / "program")] == [
        (FIRST, 20_099), (20_100, FIRST + SEGMENTS - 1)
    ]
    assert told(folders) == []
    assert recording.length.total_seconds() == SEGMENTS * 2


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_an_export_is_as_long_as_the_program_and_its_times_only_rise(
    recorded: tuple[Folders, Recording], tmp_path: Path, suffix: str
) -> None:
    output = tmp_path / f"whole{suffix}"
    shares: list[float] = []
    done = export(recorded[1], output, on_progress=shares.append)
    assert done.holes == []
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert abs(float(probe(output, "-show_entries", "format=duration")["format"]["duration"]) - SEGMENTS * 2) < 0.03
    for stream, step in (("v:0", 0.04), ("a:0", 1024 / 48_000)):
        packets = probe(output, "-select_streams", stream, "-show_entries", "packet=dts_time,pts_time")["packets"]
        times = [float(packet["dts_time"]) for packet in packets]
        assert max(abs(after - before - step) for before, after in itertools.pairwise(times)) < 0.0011, stream
        assert abs(times[-1] + step - SEGMENTS * 2) < 0.03


def test_flash_and_beep_are_together_at_the_end(recorded: tuple[Folders, Recording], tmp_path: Path) -> None:
    output = tmp_path / "whole.mp4"
    export(recorded[1], output)
    with av.open(str(output)) as container:
        bright = {frame.pts * frame.time_base: float(np.frombuffer(bytes(frame.planes[0]), np.uint8).mean())
                  for frame in container.decode(video=0) if frame.pts is not None and frame.time_base}
    with av.open(str(output)) as container:
        blocks = [(frame.pts * frame.time_base, frame.to_ndarray()[0])
                  for frame in container.decode(audio=0) if frame.pts is not None and frame.time_base]
    loud = np.zeros(SEGMENTS * 2 * 48_000 + 48_000, np.float32)
    for at, block in blocks:
        loud[round(at * 48_000) :][: len(block)] = np.abs(block)
    flashes = [at for at in bright if bright[at] > 150 > bright.get(at - Fraction(1, 25), 255)]
    offsets = []
    for at in flashes[-5:]:
        around = loud[round(at * 48_000) - 9_600 : round(at * 48_000) + 9_600] > 0.1
        offsets.append((int(np.argmax(around)) - 9_600) / 48)
    print(f"beep after flash at the end: {np.round(offsets, 1)} ms")
    assert len(offsets) == 5
    assert flashes[-1] >= SEGMENTS * 2 - 2
    assert np.abs(offsets).max() <= 25


def test_a_part_begins_at_the_key_picture_before_and_ends_where_it_is_told(
    recorded: tuple[Folders, Recording], tmp_path: Path
) -> None:
    recording = recorded[1]
    began_at = recording.takes[0].began_at
    since, until = (began_at.fromtimestamp(began_at.timestamp() + offset, began_at.tzinfo) for offset in (5.5, 12.5))
    output = tmp_path / "part.mp4"
    done = export(recording, output, since=since, until=until)
    assert (done.began_at - began_at).total_seconds() == 4
    assert abs(done.length.total_seconds() - 8.5) < 0.05


def test_a_hole_stays_a_hole_in_time_unless_it_is_to_be_closed(
    recorded: tuple[Folders, Recording], tmp_path: Path
) -> None:
    recording = recorded[1]
    first, last = recording.takes
    moved = Recording("program", [first, type(last)(
        last.path, last.began_at.fromtimestamp(last.began_at.timestamp() + 100, last.began_at.tzinfo),
        last.ended_at.fromtimestamp(last.ended_at.timestamp() + 100, last.ended_at.tzinfo), 0.0, last.size,
    )], [])
    kept = export(moved, tmp_path / "kept.mp4")
    closed = export(moved, tmp_path / "closed.mp4", close_gaps=True)
    assert abs(kept.length.total_seconds() - SEGMENTS * 2 - 100) < 0.05
    assert abs(closed.length.total_seconds() - SEGMENTS * 2) < 0.05
    assert [(until - since).total_seconds() for since, until in kept.holes] == [100]


def test_what_cannot_be_exported_is_refused_and_leaves_nothing(
    recorded: tuple[Folders, Recording], tmp_path: Path
) -> None:
    recording = recorded[1]
    there = tmp_path / "there.mp4"
    there.write_bytes(b"precious")
    with pytest.raises(ExportExists):
        export(recording, there)
    with pytest.raises(ExportFormat):
        export(recording, tmp_path / "program.avi")
    with pytest.raises(NothingRecorded):
        export(recording, tmp_path / "late.mp4", since=recording.takes[-1].ended_at)
    assert [path.name for path in tmp_path.iterdir()] == ["there.mp4"]
    assert there.read_bytes() == b"precious"
