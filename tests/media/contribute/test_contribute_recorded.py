"""A real publisher's stream, cut into pieces and joined again: nothing is lost at the seams, and nothing drifts."""

from __future__ import annotations

import itertools
import json
import subprocess
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.stand_ins.clips import flash_and_beep, make

from allpoints.contribute.recording.cutter import Cutter, TagReader
from allpoints.contribute.recording.pieces import piece_name, sources_folder
from allpoints.kernel.folders import Folders
from allpoints.publish.recording.export import RecordingChanges, export
from allpoints.publish.recording.listing import Recording, recordings

SECONDS = 34
BEGAN_AT = datetime(2031, 3, 1, 6, 0, 0, 120_000, tzinfo=UTC)
ENCODER = ("-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac",
           "-f", "flv")


def write_pieces(content: bytes, folder: Path, began_at: datetime) -> None:
    """Cut a stream as the recorder does; names wander by some milliseconds, as arrivals do."""
    folder.mkdir(parents=True, exist_ok=True)
    reader, cutter, piece, wander = TagReader(), Cutter(), None, itertools.cycle((0, 40, -30, 15))
    for each in reader.feed(content):
        if cutter.begins(each, has_picture=reader.has_picture):
            at = began_at + timedelta(milliseconds=each.at + next(wander))
            piece = folder / piece_name(at, each.at // 40)
            piece.write_bytes(cutter.opening(reader.header, each.at))
        if piece is not None and cutter.is_open:
            with piece.open("ab") as file:
                file.write(each.content)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    folder = tmp_path_factory.mktemp("source")
    folders = Folders(folder / "data", folder / "memory")
    folders.make()
    stream = make(folder / "stream.flv", flash_and_beep(SECONDS, size="640x360"), ENCODER)
    write_pieces(stream.read_bytes(), sources_folder(folders) / "harbour", BEGAN_AT)
    return next(recordings(folders))


def test_pieces_join_to_the_stream_they_were_cut_from(recorded: Recording, tmp_path: Path) -> None:
    output = tmp_path / "harbour.mp4"
    done = export(recorded, output)
    assert len(recorded.takes) == 4
    assert done.holes == []
    assert abs(done.length.total_seconds() - SECONDS) < 0.1
    for stream, count in (("v:0", SECONDS * 25), ("a:0", SECONDS * 48_000 // 1024)):
        found = subprocess.run(
            ["/usr/bin/ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "packet=dts_time",
             "-of", "json", str(output)], capture_output=True, check=True, timeout=60,
        )
        assert found.stderr == b""
        times = [float(packet["dts_time"]) for packet in json.loads(found.stdout)["packets"]]
        assert count - 4 <= len(times) <= count + 3  # sound that came before the first key picture belongs to none
        assert all(0 < after - before < 0.0415 for before, after in itertools.pairwise(times))


def test_flash_and_beep_are_together_at_the_end_of_a_source(recorded: Recording, tmp_path: Path) -> None:
    output = tmp_path / "harbour.mkv"
    export(recorded, output)
    with av.open(str(output)) as container:
        bright = {round(frame.pts * frame.time_base * 25): np.frombuffer(bytes(frame.planes[0]), np.uint8).mean()
                  for frame in container.decode(video=0) if frame.pts is not None and frame.time_base}
    loud = np.zeros(SECONDS * 48_000 + 96_000, np.float32)
    with av.open(str(output)) as container:
        for frame in container.decode(audio=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            block = np.abs(frame.to_ndarray()[0])
            loud[max(0, round(frame.pts * frame.time_base * 48_000)) :][: len(block)] = block
    flashes = [tick for tick in sorted(bright) if bright[tick] > 150 > bright.get(tick - 1, 255)]
    offsets = []
    for tick in flashes[-4:]:
        middle = round(Fraction(tick, 25) * 48_000)
        offsets.append((int(np.argmax(loud[middle - 9_600 : middle + 9_600] > 0.1)) - 9_600) / 48)
    print(f"beep after flash at the end: {np.round(offsets, 1)} ms")
    assert flashes[-1] >= (SECONDS - 2) * 25
    assert np.abs(offsets).max() <= 25


def test_a_sender_that_changed_its_size_is_exported_in_two_parts(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    for number, size in enumerate(("640x360", "320x180")):
        stream = make(tmp_path / f"{size}.flv", flash_and_beep(4, size=size), ENCODER)
        began_at = BEGAN_AT + timedelta(seconds=20 * number)
        write_pieces(stream.read_bytes(), sources_folder(folders) / "harbour", began_at)
    (recording,) = recordings(folders)
    with pytest.raises(RecordingChanges) as refusal:
        export(recording, tmp_path / "whole.mp4")
    assert not (tmp_path / "whole.mp4").exists()
    assert not list(tmp_path.glob(".*.draft"))
    moment = datetime.fromisoformat(str(refusal.value.values["at"]))
    first = export(recording, tmp_path / "first.mp4", until=moment)
    second = export(recording, tmp_path / "second.mp4", since=moment)
    assert abs(first.length.total_seconds() - 4) < 0.1
    assert abs(second.length.total_seconds() - 4) < 0.1
