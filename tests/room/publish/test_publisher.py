"""The whole room, sound only: fed by ticks, nothing is public before its time, and all is after."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.room.publish.releasing import eventually
from tests.stand_ins.programs import flat, moving, tone
from tests.stand_ins.publishing import TIMELINE, feed, public_slots, publishing
from tests.stand_ins.released import read_playlist, read_track

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import Slot
from allpoints.stage.tap import ProgramTick

START = 1_000_000
GREY = flat(90)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "data", tmp_path / "memory")


def sounding(tick: int) -> ProgramTick:
    return ProgramTick(tick, GREY, tone(tick, 440.0))


@pytest.mark.parametrize("low_latency", ["off", "on"])
def test_nothing_is_public_before_its_time_and_everything_after(folders: Folders, low_latency: str) -> None:
    delay = 3 * 25
    with publishing(folders, ladder="audio", release_delay="3", low_latency=low_latency) as publisher:
        publisher.run_started(START)
        for tick in range(START, START + 500):
            feed(publisher, [sounding(tick)])
            for name in ("a64", "a32", "opus16"):
                assert all(slot.end_tick + delay < tick for slot in public_slots(folders, name))
            if tick % 10 == 0:
                time.sleep(0.005)
        publisher.run_ended()
        due = [Slot(START // 50 + number) for number in range(8)]  # ends at tick +400; the delay is 75
        eventually(lambda: all(set(due) <= public_slots(folders, name) for name in ("a64", "a32", "opus16")))
        published = publisher.publication()
        assert published.released_tick == START + 400
        assert (published.release_delay_ms, published.low_latency) == (3000, low_latency == "on")


def test_without_a_delay_a_unit_is_public_as_soon_as_it_is_made(folders: Folders) -> None:
    with publishing(folders, ladder="audio", low_latency="on") as publisher:
        publisher.run_started(START)
        feed(publisher, map(sounding, range(START, START + 65)))
        eventually(lambda: {Slot(START // 50), Slot(START // 50 + 1, 0)} <= public_slots(folders, "a64"))
        assert len(publisher.part_latencies_ms) >= 5
        assert all(0 < latency < 2000 for latency in publisher.part_latencies_ms)


def test_what_stops_in_order_is_released_by_the_next_start(folders: Folders) -> None:
    clock = ManualClock(TIMELINE.instant_of(START))
    with publishing(folders, ladder="audio", release_delay="4", clock=clock) as publisher:
        publisher.run_started(START)
        feed(publisher, map(sounding, range(START, START + 125)))
        publisher.run_ended()
    assert not public_slots(folders, "a64")
    clock.advance(8)
    with publishing(folders, ladder="audio", release_delay="4", clock=clock) as publisher:
        assert not public_slots(folders, "a64")
        publisher.run_started(START + 200)
        feed(publisher, map(sounding, range(START + 200, START + 360)))
        eventually(lambda: public_slots(folders, "a64") == {Slot(20_000), Slot(20_001), Slot(20_004)})
    playlist = read_playlist(folders.public / "a64" / "index.m3u8")
    assert [file and file.stem for file in playlist.files] == [
        "g1-20000", "g1-20001", None, None, "g1-20004"
    ]


def test_an_encoder_that_falls_behind_ends_the_run_and_says_so(folders: Folders) -> None:
    troubles: list[str] = []
    pictures = [moving(number) for number in range(4)]

    def heavy(tick: int) -> ProgramTick:
        return ProgramTick(tick, pictures[tick % 4], tone(tick, 440.0))

    with publishing(folders, troubles, ladder="small") as publisher:
        publisher.run_started(START)
        feed(publisher, map(heavy, range(START, START + 110)))
        tick = START + 110
        while not troubles:
            publisher.program(heavy(tick))  # as fast as a mixer never goes
            tick += 1
        assert tick < START + 3000
        resume = -(-(tick - 1 + 50) // 50) * 50
        feed(publisher, map(heavy, range(tick, resume + 110)))
        eventually(lambda: Slot(resume // 50 + 1) in public_slots(folders, "v480"))
        publisher.run_ended()
    assert troubles == ["encoding is more than 2 s behind: this machine is too slow for the ladder"]
    for name in ("v480", "v240", "v144", "a64", "a32", "opus16"):
        text = (folders.public / name / "index.m3u8").read_text()
        assert text.count("#EXT-X-DISCONTINUITY\n") == 1
        after = text.split("#EXT-X-DISCONTINUITY\n")[1]
        assert after.startswith("#EXT-X-PROGRAM-DATE-TIME:")
        assert f"\ng1-{resume // 50}.m4s\n" in after
        playlist = read_playlist(folders.public / name / "index.m3u8")
        assert playlist.files[resume // 50 - playlist.first_sequence - 1] is None, "the hole is announced"
    steps = sorted(read_track(read_playlist(folders.public / "v480" / "index.m3u8")).deltas())
    assert steps[0] * 25 == 1
    assert len(steps) == 2
    assert (steps[1] * 25 - 1) % 50 == 0, "the hole is whole segments"
