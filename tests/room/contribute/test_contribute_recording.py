"""A source's recording: pieces as they come from the relay, whole whatever dies, and gone where a dump says so."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stand_ins.flv_pieces import set_up, stream, write_piece
from tests.stand_ins.recording import small_disk
from tests.stand_ins.rtmp import DELTA

from allpoints.contribute.ingest_status import IngestStatus, Publisher, live_socket, write_status
from allpoints.contribute.recording.gaps import Gap, GapLog, read_gaps
from allpoints.contribute.recording.pieces import erase_pieces, look_into, mend, pieces_of, sources_folder
from allpoints.contribute.recording.source_recorder import SourceRecorder
from allpoints.contribute.recording.track import Track
from allpoints.contribute.rtmp.chunks import VIDEO
from allpoints.contribute.rtmp.flv import tag
from allpoints.kernel.clock import Clock, ShiftedClock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline
from allpoints.schedule.model import SourceRef

REF = SourceRef("harbour")
NOW = datetime(2031, 3, 1, 6, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


@pytest.fixture
def pieces(folders: Folders) -> Path:
    return sources_folder(folders) / REF


class HandRelay:
    """The relay's socket, fed by the test; ``hang_up`` is the publisher's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._server.settimeout(10)

    def __enter__(self) -> HandRelay:
        self._reader, _ = self._server.accept()
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink()
        self._reader.close()
        self._server.close()

    def join_again(self) -> None:
        """Wait until the recorder, which hung up, is back."""
        self._reader.close()
        self._reader, _ = self._server.accept()

    def send(self, content: bytes) -> None:
        self._reader.sendall(content)


@contextmanager
def recording(
    folders: Folders, covers: Callable[[int, int], bool] = lambda *_: False, clock: Clock | None = None
) -> Iterator[SourceRecorder]:
    clock, began = clock or SystemClock(), time.monotonic()
    timeline = Timeline(datetime.now(UTC) - timedelta(seconds=1_000_000 / TICKS_PER_SECOND))
    recorder = SourceRecorder(
        REF, folders, Track(REF, "sources", folders, GapLog(folders), clock), clock,
        tick_now=lambda: 1_000_000 + int((time.monotonic() - began) * TICKS_PER_SECOND),
        moment_of=timeline.instant_of, covers=covers,
    )
    recorder.start()
    try:
        yield recorder
    finally:
        recorder.stop()


def eventually(fact: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def test_what_comes_is_kept_byte_for_byte_in_pieces_named_by_when_it_was_new(folders: Folders, pieces: Path) -> None:
    with recording(folders), HandRelay(live_socket(folders, REF)) as relay:
        relay.send(set_up() + b"".join(stream(0, 24_000)))  # a burst: it is 24 s old in its beginning
        time.sleep(0.4)
        relay.send(b"".join(stream(24_000, 24_100)))
        eventually(lambda: len(pieces_of(pieces)) == 3)
    found = pieces_of(pieces)
    assert [(piece.first_ms, piece.last_ms) for piece in found] == [(0, 9_900), (10_000, 19_900), (20_000, 24_000)]
    assert [round((piece.began_at - found[0].began_at).total_seconds(), 1) for piece in found] == [0, 10, 20]
    assert abs((datetime.now(UTC) - found[0].began_at).total_seconds() - 24) < 5
    assert abs(found[0].first_tick - (1_000_000 - 24 * 25)) < 100
    for piece in found:
        content = piece.path.read_bytes()
        assert content.startswith(set_up()[:13])
        assert b"".join(stream(piece.first_ms, min(piece.last_ms + 100, 24_000))) in content


def test_a_torn_piece_is_mended_and_the_hole_is_told(folders: Folders, pieces: Path) -> None:
    now = datetime.now(UTC)
    torn = write_piece(pieces, now - timedelta(seconds=60), 900_000)
    content = torn.read_bytes()
    torn.write_bytes(content + content[-20:-7])
    write_status(folders, IngestStatus(now, {REF: Publisher(now - timedelta(minutes=9), 4000)}))
    with recording(folders), HandRelay(live_socket(folders, REF)) as relay:
        eventually(lambda: torn.read_bytes() == content)
        relay.send(set_up() + b"".join(stream(0, 2_000)))
        time.sleep(0.4)
        relay.send(b"".join(stream(2_000, 2_100)))
        eventually(lambda: read_gaps(folders) != [])
    (gap,) = read_gaps(folders)
    assert (gap.what, gap.code) == (REF, "interrupted")
    assert gap.ended_at is not None
    assert 40 < (gap.ended_at - gap.began_at).total_seconds() < 55


def test_a_piece_that_holds_nothing_goes(pieces: Path) -> None:
    empty = write_piece(pieces, NOW, 1, seconds=0)
    mend(empty)
    assert not empty.exists()


def test_mending_does_not_make_a_piece_look_younger(pieces: Path) -> None:
    path = write_piece(pieces, NOW, 1_000)
    before = look_into(path)
    stamp = path.stat().st_mtime_ns
    with path.open("ab") as file:
        file.write(b"\x09\0\0")
    os.utime(path, ns=(stamp, stamp))
    mend(path)
    assert look_into(path) == before


def test_a_dump_erases_every_piece_that_touches_it_and_no_other(pieces: Path) -> None:
    paths = [write_piece(pieces, NOW + timedelta(seconds=10 * n), 1_000 + 250 * n, first_ms=10_000 * n)
             for n in range(6)]
    erased = erase_pieces(pieces, 1_500, 2_001)
    assert [path.exists() for path in paths] == [True, False, False, False, False, True]
    assert len(erased) == 4
    assert erase_pieces(pieces, 1_500, 2_001) == []


def test_a_piece_that_its_sender_stretched_by_pausing_is_erased_by_when_it_was_written(pieces: Path) -> None:
    path = write_piece(pieces, NOW, 1_000)
    late = NOW.timestamp() + 40
    os.utime(path, (late, late))
    assert len(erase_pieces(pieces, 1_800, 1_900)) == 1


def test_a_piece_that_was_erased_while_it_grew_is_given_up(folders: Folders, pieces: Path) -> None:
    with recording(folders) as recorder, HandRelay(live_socket(folders, REF)) as relay:
        relay.send(set_up() + b"".join(stream(0, 3_000)))
        time.sleep(0.4)
        relay.send(b"".join(stream(3_000, 3_100)))
        eventually(lambda: len(pieces_of(pieces)) == 1)
        pieces_of(pieces)[0].path.unlink()
        relay.send(b"".join(stream(3_100, 5_000)))
        eventually(lambda: [piece.first_ms for piece in pieces_of(pieces)] == [4_000])
        assert recorder.track.state().state == "recording"
    assert [gap.code for gap in read_gaps(folders)] == ["dumped"]


def test_a_full_disk_stops_a_source_and_it_goes_on_by_itself(folders: Folders, pieces: Path) -> None:
    large = DELTA + bytes(30_000)
    with small_disk(folders) as junk, recording(folders) as recorder, HandRelay(live_socket(folders, REF)) as relay:
        junk.write_bytes(bytes(shutil.disk_usage(folders.recordings).free - 150_000))
        relay.send(set_up() + b"".join(stream(0, 1_000)) + b"".join(tag(VIDEO, 1_000, large) for _ in range(8)))
        time.sleep(0.4)
        relay.send(b"".join(stream(1_000, 1_100)))
        eventually(lambda: recorder.track.trouble == "disk_full")
        (gap,) = read_gaps(folders)
        assert (gap.code, gap.ended_at, gap.lost) == ("disk_full", None, None)
        assert not [path for path in pieces.glob("*.flv") if path.stat().st_size == 0]
        junk.unlink()
        relay.join_again()
        relay.send(set_up() + b"".join(stream(2_000, 4_000)))
        time.sleep(0.4)
        relay.send(b"".join(stream(4_000, 4_100)))
        eventually(lambda: recorder.track.state().state == "recording")
        (gap,) = read_gaps(folders)
        assert gap.ended_at is not None
        assert gap.lost


def test_what_is_dumped_is_not_written_down_even_when_it_is_read_late(folders: Folders, pieces: Path) -> None:
    """Times 0 to 10 s are covered: those are ticks up to 250 after the beginning of the stream."""
    covered = range(0)
    with recording(folders, lambda first, end: first in covered) as recorder:
        assert recorder
        with HandRelay(live_socket(folders, REF)) as relay:
            covered = range(999_000, 1_000_000 - 5 * 25)
            relay.send(set_up() + b"".join(stream(0, 12_000)))
            time.sleep(0.4)
            relay.send(b"".join(stream(12_000, 13_000)))
            eventually(lambda: pieces_of(pieces) != [])
    assert min(piece.first_ms for piece in pieces_of(pieces)) >= 7_000


def test_a_clock_that_is_set_makes_no_hole_and_moves_no_piece(folders: Folders, pieces: Path, tmp_path: Path) -> None:
    shift = tmp_path / "shift"
    now = datetime.now(UTC)
    write_status(folders, IngestStatus(now, {REF: Publisher(now - timedelta(hours=2), 4000)}))
    with recording(folders, clock=ShiftedClock(shift)), HandRelay(live_socket(folders, REF)) as relay:
        relay.send(set_up() + b"".join(stream(0, 5_000)))
        time.sleep(0.4)
        relay.send(b"".join(stream(5_000, 10_100)))
        eventually(lambda: len(pieces_of(pieces)) == 2)
        shift.write_text("3600")
        relay.send(b"".join(stream(10_100, 20_100)))
        eventually(lambda: len(pieces_of(pieces)) == 3)
        shift.write_text("-600")
        relay.send(b"".join(stream(20_100, 30_100)))
        eventually(lambda: len(pieces_of(pieces)) == 4)
    moments = [piece.began_at for piece in pieces_of(pieces)]
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] < timedelta(minutes=1)
    assert read_gaps(folders) == []


def test_the_log_of_gaps_survives_a_torn_line_and_a_full_disk(folders: Folders) -> None:
    log = GapLog(folders)
    log.tell(Gap("program", NOW, None, "disk_full", None))
    path = folders.recordings / "gaps.jsonl"
    with path.open("ab") as file:
        file.write(b'{"what": "prog')
    aside = folders.data / "aside"
    folders.recordings.rename(aside)  # the disk is gone
    log.tell(Gap("program", NOW, NOW + timedelta(seconds=9), "disk_full", lost=False))
    aside.rename(folders.recordings)
    log.catch_up()
    log.tell(Gap(REF, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2), "dumped"))
    assert [(gap.what, gap.lost, gap.why) for gap in read_gaps(folders)] == [
        ("program", False, "the disk was full"), (REF, True, "erased by a dump")
    ]
