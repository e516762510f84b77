"""DUMP and recordings: never in the program's or the clean program's, and erased from those of the sources.

One live publisher shows and sounds the marker three times. The first time it is dumped; the second time the recorder
is killed in the moment of the decision; the third time nobody dumps it, and it is found: these eyes and ears do see.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import av
import numpy as np
import pytest
from tests.stand_ins.clips import FFMPEG
from tests.stand_ins.gatherings import KEY, OnAir, a_free_port, held_gathering, live_source

from allpoints.contribute.recording.gaps import read_gaps
from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import decisions
from allpoints.publish.recording.listing import Recording, Take, recordings
from allpoints.stage.protocol import Cue, Dump
from allpoints.stage.protocol import Take as TakeNow

DELAY = 4
MARKS = (6, 33, 54)
SHOWN = 2
LENGTH = 58
HERTZ = 2500


@dataclass
class Recorded:
    """All recordings, and when the two dumps were decided (ticks covered)."""

    folders: Folders
    found: dict[str, Recording]


def send(url: str) -> subprocess.Popen[bytes]:
    """A publisher whose picture is magenta and whose tone is shrill at each mark."""
    on = "+".join(f"between(t,{mark},{mark + SHOWN})" for mark in MARKS)
    return subprocess.Popen(
        [FFMPEG, "-hide_banner", "-loglevel", "error", "-re", "-f", "lavfi", "-i",
         f"color=0x405060:s=640x360:r=25:d={LENGTH},drawbox=c=magenta:t=fill:enable='{on}'",
         "-f", "lavfi", "-i",
         f"aevalsrc='0.3*sin(2*PI*t*if({on},{HERTZ},300))':s=48000:d={LENGTH}",
         "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-f", "flv", url],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )


def take(on_air: OnAir) -> None:
    on_air.ask(Cue(source="live"))
    on_air.until(lambda report: report.next is not None and report.next.ready)
    assert on_air.ask(TakeNow()).ok


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    port = a_free_port()
    with held_gathering(
        tmp_path_factory.mktemp("dumped") / "data", [live_source("live")], port, ("ingest", "stage", "recorder"),
        ladder="small", release_delay=str(DELAY), record_clean="on",
    ) as on_air:
        on_air.until(lambda report: report.tick > 0)
        publisher = send(f"rtmp://127.0.0.1:{port}/live/{KEY}")
        began = time.monotonic()
        try:
            take(on_air)
            for mark in MARKS[:2]:
                time.sleep(max(0.0, began + mark + SHOWN - time.monotonic()))
                if mark == MARKS[1]:
                    on_air.kill("recorder")
                on_air.ask(Dump())
                if mark == MARKS[1]:
                    on_air.start("recorder")
                time.sleep(2)
                take(on_air)
            publisher.wait(LENGTH)
        finally:
            publisher.kill()
            publisher.wait()
        ended_at = on_air.until(lambda report: True).tick
        on_air.until(lambda report: (report.publication.released_tick or 0) > ended_at, seconds=30)
        time.sleep(2)
        on_air.processes["recorder"].send_signal(signal.SIGTERM)
        assert on_air.processes["recorder"].wait(10) == 0
        yield Recorded(on_air.folders, {each.what: each for each in recordings(on_air.folders)})


def seen(path: Path) -> float:
    """The largest share of magenta in any picture."""
    most = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert isinstance(frame, av.VideoFrame)
            blue, red = (np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
                         for plane in frame.planes[1:])
            most = max(most, float(((blue > 165) & (red > 165)).mean()))
    return most


def heard(path: Path) -> float:
    """The loudest the marker's tone is in any 20 ms, full scale 1."""
    with av.open(str(path)) as container:
        mono = np.concatenate([frame.to_ndarray().mean(axis=0) for frame in container.decode(audio=0)])
    mono = mono[: len(mono) // 960 * 960].reshape(-1, 960)
    phase = np.exp(-2j * np.pi * HERTZ * np.arange(960) / 48_000)
    return float(np.abs(mono @ phase).max() / 480)


def third_mark_at(recorded: Recorded) -> datetime:
    """When the marker that nobody dumped began: its length and the rest of the clip before the source's end."""
    last = recorded.found["live"].takes[-1].ended_at
    return last.fromtimestamp(last.timestamp() - (LENGTH - MARKS[2]), last.tzinfo)


def before_the_third(recorded: Recorded, what: str) -> list[Take]:
    limit = third_mark_at(recorded)
    return [each for each in recorded.found[what].takes if each.ended_at < limit]


@pytest.mark.timeout(200)
@pytest.mark.parametrize("what", ["program", "clean", "live"])
def test_the_marker_that_was_not_dumped_is_found(recorded: Recorded, what: str) -> None:
    """The control."""
    last = [each for each in recorded.found[what].takes if each.ended_at > third_mark_at(recorded)]
    assert max(seen(each.path) for each in last) > 0.9
    assert max(heard(each.path) for each in last) > 0.05


def test_nothing_of_what_was_dumped_is_left_in_the_sources_recording(recorded: Recorded) -> None:
    kept = before_the_third(recorded, "live")
    assert len(kept) >= 2, "not everything was erased"
    for each in kept:
        assert seen(each.path) < 0.01, each.path.name
        assert heard(each.path) < 0.004, each.path.name


@pytest.mark.parametrize("what", ["program", "clean"])
def test_nothing_of_what_was_dumped_is_in_the_programs_recording(
    recorded: Recorded, what: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "allpoints", "record", "export", str(tmp_path / "before.mkv"), "--what", what,
         "--to", third_mark_at(recorded).isoformat(), "--data", str(recorded.folders.data)],
        capture_output=True, check=True, timeout=60, text=True,
    )
    assert "Exported" in done.stdout
    assert seen(tmp_path / "before.mkv") < 0.01
    assert heard(tmp_path / "before.mkv") < 0.004


def test_what_was_erased_is_told_and_what_was_obeyed_is_remembered(recorded: Recorded) -> None:
    dumped = [gap for gap in read_gaps(recorded.folders) if gap.code == "dumped"]
    assert {gap.what for gap in dumped} == {"live"}
    known, torn = decisions(recorded.folders)
    assert len(known) == 2
    assert not torn
    obeyed = (recorded.folders.recordings / "dumps-obeyed.jsonl").read_text()
    assert all(f'"from_tick":{each.from_tick},' in obeyed for each in known)
