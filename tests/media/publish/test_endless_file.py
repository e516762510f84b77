"""A real program as endless files of viewers who come at different times, read back by libavformat."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.room.publish.releasing import eventually
from tests.stand_ins.programs import flash_and_beep
from tests.stand_ins.publishing import feed, publishing

from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import SAMPLE_RATE
from allpoints.publish.endless_file import EndlessFile, OwnCopy
from allpoints.publish.ladder import LADDERS, AudioRung, Rung, VideoRung
from allpoints.publish.released import released_segments

START = 44_000_000  # far beyond 32 bits of samples
FIRST = START // 50
RUNGS = {rung.name: rung for rung in LADDERS["small"].rungs}
FILES = (("v240", "a32"), ("v144", "a32"), ("a64",), ("opus16",))
every_file = pytest.mark.parametrize("names", FILES, ids="+".join)


@dataclass
class Followed:
    """One endless file, and the copies of one who came at once and of one who came three segments later."""

    names: tuple[str, ...]
    file: EndlessFile
    copies: list[OwnCopy]
    begins: list[int] = field(default_factory=lambda: [-1, -1])
    got: list[bytes] = field(default_factory=lambda: [b"", b""])

    def look(self) -> None:
        for piece in self.file.fresh():
            for viewer, copy in enumerate(self.copies):
                if viewer and piece.segment < FIRST + 3:
                    continue
                if self.begins[viewer] < 0:
                    self.begins[viewer] = piece.segment
                self.got[viewer] += copy(piece)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Followed]:
    """Flashes and beeps for 12 s, an end in the middle of a segment, ten seconds of nothing, and 8 s more. The sound
    of one segment is lost."""
    folder = tmp_path_factory.mktemp("endless")
    folders = Folders(folder / "data", folder / "memory")
    all_followed: dict[tuple[str, ...], Followed] = {}
    for names in FILES:
        rungs = [RUNGS[name] for name in names]
        all_followed[names] = Followed(names, EndlessFile(folders, rungs, 4), [OwnCopy(rungs) for _ in range(2)])
    for first, segments in ((FIRST, 6), (FIRST + 11, 4)):
        with publishing(folders, ladder="small", retention="600") as publisher:
            publisher.run_started(first * 50)
            for segment in range(first, first + segments):
                feed(publisher, map(flash_and_beep, range(segment * 50, segment * 50 + 50)))
                if segment > first:
                    look(folders, all_followed, segment - 1)
            feed(publisher, map(flash_and_beep, range((first + segments) * 50, (first + segments) * 50 + 20)))
            look(folders, all_followed, first + segments - 1)
    return all_followed


def look(folders: Folders, all_followed: dict[tuple[str, ...], Followed], segment: int) -> None:
    eventually(lambda: all(released_segments(folders, name, after=segment - 1) for name in RUNGS), seconds=60)
    if segment == FIRST + 4:
        for path in (folders.public / "a32").glob(f"*-{segment}.m4s"):
            path.unlink()
    for each in all_followed.values():
        each.look()


def packets(blob: bytes) -> Iterator[tuple[int, Fraction]]:
    """The track and the time of each packet, in seconds."""
    with av.open(io.BytesIO(blob), "r", format="mp4") as container:
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                assert packet.pts == packet.dts
                yield packet.stream.index, packet.pts * packet.time_base


def times(blob: bytes, track: int) -> list[Fraction]:
    return [time for index, time in packets(blob) if index == track]


def step_of(rung: Rung) -> Fraction:
    return Fraction(rung.every, 25) if isinstance(rung, VideoRung) else Fraction(rung.frame, SAMPLE_RATE)


def segments_of(each: Followed, viewer: int) -> list[int]:
    lost = [FIRST + 4] if "a32" in each.names else []
    there = [*range(FIRST, FIRST + 6), *range(FIRST + 11, FIRST + 15)]
    return [segment for segment in there if segment >= each.begins[viewer] and segment not in lost]


@every_file
def test_whenever_one_comes_time_begins_at_nought(
    followed: dict[tuple[str, ...], Followed], names: tuple[str, ...]
) -> None:
    each = followed[names]
    assert each.begins == [FIRST, FIRST + 3]
    for viewer, blob in enumerate(each.got):
        for track, name in enumerate(names):
            rung = RUNGS[name]
            start = Fraction(each.begins[viewer] * 2)
            late = rung.first_packet(each.begins[viewer] * 50) * Fraction(1, SAMPLE_RATE) - start \
                if isinstance(rung, AudioRung) else 0
            assert times(blob, track)[0] == late, "as far behind the picture as it was published"
            assert 0 <= late < step_of(rung)


@every_file
def test_every_step_is_even_and_a_hole_is_passed_over(
    followed: dict[tuple[str, ...], Followed], names: tuple[str, ...]
) -> None:
    each = followed[names]
    for viewer, blob in enumerate(each.got):
        segments = segments_of(each, viewer)
        for track, name in enumerate(names):
            rung, at = RUNGS[name], times(blob, track)
            step = step_of(rung)
            uneven = [after - before for before, after in itertools.pairwise(at) if after - before != step]
            holes = sum(after - before > 1 for before, after in itertools.pairwise(segments))
            if isinstance(rung, VideoRung) or rung.codec == "libopus":
                assert not uneven
                assert at[-1] + step == len(segments) * 2
            else:
                # Frames lie on a grid that does not divide the length of a hole: less than one is doubled or missing.
                assert len(uneven) <= holes
                assert all(0 < gap < 2 * step for gap in uneven)
                assert abs(at[-1] + step - len(segments) * 2) <= step


@every_file
def test_it_decodes_to_the_last_frame(
    followed: dict[tuple[str, ...], Followed], names: tuple[str, ...]
) -> None:
    for blob in followed[names].got:
        for track in range(len(names)):
            with av.open(io.BytesIO(blob), "r", format="mp4") as container:
                frames = list(container.decode(container.streams[track]))
            assert len(frames) == len(times(blob, track))
            assert not any(getattr(frame, "is_corrupt", False) for frame in frames)


@pytest.mark.parametrize("viewer", [0, 1])
def test_flash_and_beep_stay_within_25_ms_also_behind_the_holes(
    followed: dict[tuple[str, ...], Followed], viewer: int
) -> None:
    blob = followed["v240", "a32"].got[viewer]
    with av.open(io.BytesIO(blob), "r", format="mp4") as container:
        bright = {frame.pts * frame.time_base: float(np.frombuffer(bytes(frame.planes[0]), np.uint8).mean())
                  for frame in container.decode(video=0) if frame.pts is not None and frame.time_base}
    with av.open(io.BytesIO(blob), "r", format="mp4") as container:
        blocks = [(frame.pts * frame.time_base, frame.to_ndarray()[0])
                  for frame in container.decode(audio=0) if frame.pts is not None and frame.time_base]
    loud = np.zeros(40 * SAMPLE_RATE, np.float32)
    for at, block in blocks:
        loud[round(at * SAMPLE_RATE):][: len(block)] = np.abs(block)
    flashes = [at for at in bright if bright[at] > 150 > bright.get(at - Fraction(1, 25), 255)]
    offsets = []
    for at in flashes[1:]:
        around = loud[round(at * SAMPLE_RATE) - 9_600:round(at * SAMPLE_RATE) + 9_600] > 0.1
        offsets.append((int(np.argmax(around)) - 9_600) / 48)
    print(f"beep after flash: {np.round(offsets, 1)} ms")
    assert len(offsets) >= 9
    assert np.abs(offsets).max() <= 25


def test_who_comes_late_is_given_the_last_few(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    with publishing(folders, ladder="audio", retention="600") as publisher:
        publisher.run_started(START)
        feed(publisher, map(flash_and_beep, range(START, START + 7 * 50 + 20)))
        eventually(lambda: len(released_segments(folders, "a32")) == 7, seconds=60)
    file = EndlessFile(folders, [RUNGS["a32"]], 4)
    assert [piece.segment - FIRST for piece in file.fresh()] == [3, 4, 5, 6]
    assert file.fresh() == []
