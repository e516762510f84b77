"""Long segments read back with libavformat: the same samples at the same times as in short ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.stand_ins.programs import moving, tone
from tests.stand_ins.publishing import feed, publishing
from tests.stand_ins.released import open_joined, read_playlist, read_track

from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import LADDERS
from allpoints.publish.long_segments import GROUP
from allpoints.stage.tap import ProgramTick

START = 1_000_050
LOWEST = [rung.name for rung in LADDERS["small"].rungs if rung.has_long]
PICTURES = [moving(number) for number in range(4)]


def program(tick: int) -> ProgramTick:
    return ProgramTick(tick, PICTURES[tick % 4], tone(tick, 440.0))


@pytest.mark.parametrize("low_latency", ["off", "on"])
def test_a_run_and_the_next_after_a_hole_play_as_they_do_in_short_segments(tmp_path: Path, low_latency: str) -> None:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    with publishing(folders, ladder="small", low_latency=low_latency, retention="600") as publisher:
        publisher.run_started(START)
        feed(publisher, map(program, range(START, START + 370)))
        publisher.run_ended()
        publisher.run_started(START + 450)
        feed(publisher, map(program, range(START + 450, START + 720)))
        publisher.run_ended()
    assert LOWEST == ["v144", "a32", "opus16"]
    for name in LOWEST:
        short = read_playlist(folders.public / name / "index.m3u8")
        long = read_playlist(folders.public / name / "long.m3u8")
        assert len(long.files) == 2
        begin = long.first_sequence * GROUP - short.first_sequence
        same = replace(short, files=short.files[max(0, begin) : begin + 2 * GROUP])
        assert None in same.files, "there is a hole"
        assert read_track(long) == read_track(same)
        with open_joined(long) as container:
            assert sum(1 for _ in container.decode(container.streams[0])) > 150
