"""The program's recording: derived from its files alone, made up for out of memory, its holes told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import pytest
from tests.stand_ins.programs import flat, moving, tone
from tests.stand_ins.publishing import TIMELINE, feed, publishing
from tests.stand_ins.recording import files, program_recorder, small_disk, told

from allpoints.contribute.recording.state import read_state, state_of, write_state
from allpoints.kernel.folders import Folders
from allpoints.publish.recording.keeping import outlived
from allpoints.publish.recording.listing import recordings
from allpoints.publish.recording.program_file import SEGMENTS_PER_FILE, file_name, files_of
from allpoints.publish.released import released_segments
from allpoints.stage.tap import ProgramTick

FIRST = 20_000
START = FIRST * 50
GREY = flat(90)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


@pytest.fixture
def junk(folders: Folders) -> Iterator[Path]:
    """A file to fill a small disk with."""
    with small_disk(folders) as junk:
        yield junk


@pytest.fixture
def program(folders: Folders) -> Path:
    return folders.recordings / "program"


def sounding(first: int, segments: int) -> Iterator[ProgramTick]:
    return (ProgramTick(tick, GREY, tone(tick, 440.0)) for tick in range(first * 50, (first + segments) * 50 + 5))


def release(folders: Folders, *runs: tuple[int, int]) -> None:
    """Publish runs of so many segments (and a little more, which is never released)."""
    with publishing(folders, ladder="audio", retention="600") as publisher:
        for first, segments in runs:
            publisher.run_started(first * 50)
            feed(publisher, sounding(first, segments))
            publisher.run_ended()


def spans(folder: Path) -> list[tuple[int, int]]:
    return [(file.first, file.last) for file in files_of(folder)]


def test_it_begins_with_the_oldest_and_goes_on_in_the_same_file(folders: Folders, program: Path) -> None:
    release(folders, (FIRST, 3))
    recorder = program_recorder(folders)
    recorder.look()
    assert spans(program) == [(FIRST, FIRST + 2)]
    release(folders, (FIRST + 3, 2))
    recorder.look()
    assert spans(program) == [(FIRST, FIRST + 4)]
    assert told(folders) == []
    (path,) = program.iterdir()
    assert path.name == f"00{FIRST}_{TIMELINE.instant_of(START):%Y%m%dT%H%M%SZ}.mp4"
    with av.open(str(path)) as container:
        times = [packet.pts for packet in container.demux(audio=0) if packet.pts is not None]
    assert times == [times[0] + 1024 * number for number in range(len(times))]
    assert times[0] < 1024
    assert abs(len(times) * 1024 / 48_000 - 10) < 0.05


@pytest.mark.parametrize("cut", [1, 15, 17, 4_000])
def test_after_a_kill_nothing_is_lost_or_doubled(folders: Folders, program: Path, cut: int) -> None:
    """The file is torn anywhere in its last fragment; the successor knows nothing but the file."""
    release(folders, (FIRST, 4))
    program_recorder(folders).look()
    (path,) = program.iterdir()
    whole = path.read_bytes()
    os.truncate(path, len(whole) - cut)
    successor = program_recorder(folders)
    successor._adopt()
    assert path.stat().st_size < len(whole) - 16
    successor.look()
    assert path.read_bytes() == whole
    assert told(folders) == []


def test_a_file_without_a_whole_segment_is_begun_anew(folders: Folders, program: Path) -> None:
    release(folders, (FIRST, 2))
    program.mkdir()
    (program / file_name(FIRST, TIMELINE)).write_bytes(b"\0\0\0\x1cftypiso5 and then the power went")
    recorder = program_recorder(folders)
    recorder.look()
    assert spans(program) == [(FIRST, FIRST + 1)]


def test_a_hole_begins_a_new_file_and_is_told_with_its_reason(folders: Folders, program: Path) -> None:
    release(folders, (FIRST, 2), (FIRST + 5, 2))
    program_recorder(folders).look()
    assert spans(program) == [(FIRST, FIRST + 1), (FIRST + 5, FIRST + 6)]
    assert told(folders) == [("no_program", 6.0, True)]


def test_what_left_memory_before_the_recorder_came_back_is_told(folders: Folders, program: Path) -> None:
    release(folders, (FIRST, 5))
    late = [each.path for each in released_segments(folders, "a64", after=FIRST + 1)]
    kept = late[-1].read_bytes()
    for path in late:
        path.unlink()
    program_recorder(folders).look()
    late[-1].write_bytes(kept)
    successor = program_recorder(folders)
    successor.look()
    assert spans(program) == [(FIRST, FIRST + 1), (FIRST + 4, FIRST + 4)]
    assert told(folders) == [("interrupted", 4.0, True)]
    (recording,) = recordings(folders)
    assert [gap.why for gap in recording.gaps] == ["recording was interrupted"]


def test_files_are_cut_every_ten_minutes_at_the_same_numbers(folders: Folders, program: Path) -> None:
    boundary = FIRST // SEGMENTS_PER_FILE * SEGMENTS_PER_FILE + SEGMENTS_PER_FILE
    release(folders, (boundary - 2, 4))
    program_recorder(folders).look()
    assert spans(program) == [(boundary - 2, boundary - 1), (boundary, boundary + 1)]
    assert told(folders) == []


def test_files_of_an_earlier_plan_are_left_alone(folders: Folders, program: Path) -> None:
    program.mkdir()
    old = program / f"{FIRST + 900:07d}_20200101T000000Z.mp4"
    old.write_bytes(b"an earlier plan counted from another moment")
    release(folders, (FIRST, 2))
    recorder = program_recorder(folders)
    recorder.look()
    assert spans(program) == [(FIRST, FIRST + 1)]
    assert old.exists()


def test_a_full_disk_stops_the_recording_which_is_told_and_made_up_for(
    folders: Folders, program: Path, junk: Path
) -> None:
    """There is more free than the last reserve, and less than a segment takes: writing itself fails."""
    with publishing(folders, ladder="small", retention="600") as publisher:
        publisher.run_started(START)
        feed(publisher, (ProgramTick(tick, moving(tick), tone(tick, 440.0)) for tick in range(START, START + 160)))
    recorder = program_recorder(folders, "small")
    junk.write_bytes(bytes(shutil.disk_usage(folders.recordings).free - 120_000))
    with pytest.raises(OSError, match="No space"):
        recorder.look()
    with pytest.raises(OSError, match="No space") as full:
        recorder.look()
    recorder.track.stop(TIMELINE.instant_of(START), full.value)
    assert files_of(program) == []
    assert told(folders) == [("disk_full", -1, None)]
    assert recorder.track.state().state == "stopped"
    junk.unlink()
    recorder.look()
    assert spans(program) == [(FIRST, FIRST + 2)]
    assert told(folders) == [("disk_full", 0.0, False)]
    assert recorder.track.state().state == "recording"


def test_a_disk_that_is_nearly_full_is_left_to_the_journal(
    folders: Folders, program: Path, junk: Path
) -> None:
    release(folders, (FIRST, 2))
    junk.write_bytes(bytes(shutil.disk_usage(folders.recordings).free - 15_000))
    recorder = program_recorder(folders)
    recorder.look()
    assert files_of(program) == []
    assert told(folders) == [("disk_short", -1, None)]
    assert recorder.track.trouble == "disk_short"


def test_the_oldest_go_by_rule_and_never_what_is_being_written(folders: Folders, program: Path) -> None:
    now = TIMELINE.instant_of(START)
    program.mkdir()
    names = [file_name(FIRST - 300 * back, TIMELINE) for back in (30, 12, 1, 0)]  # 5 h, 2 h, 10 min ago
    for name in (*names, "keepsake.mp4"):
        (program / name).write_bytes(b"")
    assert [path.name for path in outlived(folders, now, timedelta(hours=1))] == names[:2]
    assert [path.name for path in outlived(folders, now + timedelta(days=9), timedelta(hours=1))] == names[:3]
    assert files(program) == sorted([*names, "keepsake.mp4"])


def test_the_state_is_believed_only_while_it_is_fresh(folders: Folders) -> None:
    now = datetime(2031, 3, 1, tzinfo=UTC)
    assert read_state(folders) is None
    recorder = program_recorder(folders)
    release(folders, (FIRST, 1))
    recorder.look()
    from allpoints.contribute.recording.disk import Disk

    write_state(folders, state_of(now, [recorder.track.state()], Disk(10**12, 10**12)))
    state = read_state(folders, now)
    assert state is not None
    assert state.tracks[0].state == "recording"
    assert state.seconds_left is not None
    assert state.seconds_left > 3600
    assert read_state(folders, now + timedelta(seconds=6)) is None
