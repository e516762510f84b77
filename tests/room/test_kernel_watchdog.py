"""The words of sd_notify between a process and whoever started it, and what the kernel says of a process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.stand_ins.serving import eventually

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import ProcessNote, ProcessNotes, read_processes, write_processes
from allpoints.kernel.supervision import Life, life_of
from allpoints.kernel.watchdog import NotifySocket, Watchdog

START = datetime(2031, 5, 2, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def listener() -> Iterator[tuple[NotifySocket, str]]:
    listener = NotifySocket()
    address = listener.open()
    with contextlib.closing(listener):
        yield listener, address


def test_the_first_turn_says_ready_and_later_ones_no_more_than_needed(
    clock: ManualClock, listener: tuple[NotifySocket, str]
) -> None:
    hearing, address = listener
    with contextlib.closing(Watchdog.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "2000000"}, clock)) as watchdog:
        for _ in range(40):
            watchdog.alive()
            clock.advance(0.05)
        watchdog.status("all is well")
        watchdog.stopping()
    words = hearing.heard()
    assert {word.pid for word in words} == {os.getpid()}
    assert words[0].fields == {"READY": "1"}
    assert [word.fields for word in words[1:-2]] == [{"WATCHDOG": "1"}] * 4
    assert [word.fields for word in words[-2:]] == [{"STATUS": "all is well"}, {"STOPPING": "1"}]


def test_where_nobody_listens_or_the_listener_is_gone_or_does_not_hear_nothing_happens(
    clock: ManualClock, listener: tuple[NotifySocket, str]
) -> None:
    hearing, address = listener
    with contextlib.closing(Watchdog.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"}, clock)) as watchdog:
        for _ in range(5_000):  # more than any queue holds
            watchdog.alive()
            clock.advance(1)
        hearing.close()
        watchdog.stopping()
    Watchdog.of({}, clock).alive()


def test_the_file_of_systemd_is_heard_as_well(clock: ManualClock, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        with contextlib.closing(Watchdog.of({"NOTIFY_SOCKET": address}, clock)) as watchdog:
            watchdog.alive()
        assert manager.recv(100) == b"READY=1"


def test_what_a_process_does_is_told_by_the_kernel() -> None:
    code = "print(flush=True); input()\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin
            assert process.stdout
            process.stdout.readline()
            eventually(lambda: True if life_of(process.pid) is Life.ASLEEP else None, 5)
            process.send_signal(signal.SIGSTOP)
            eventually(lambda: True if life_of(process.pid) is Life.STOPPED else None, 5)
            process.send_signal(signal.SIGCONT)
            process.stdin.write(b"\n")
            process.stdin.flush()
            eventually(lambda: True if life_of(process.pid) is Life.AT_WORK else None, 5)
        finally:
            process.kill()
    assert life_of(process.pid) is Life.GONE


def test_notes_on_processes_are_read_back_and_missing_or_torn_ones_are_none(tmp_path: Path) -> None:
    folders = Folders(data=tmp_path, memory=tmp_path / "memory")
    folders.make()
    assert read_processes(folders) is None
    notes = ProcessNotes(1, START, [ProcessNote("stage", pid=7, starts=2, is_ready=True, last_end="ended")])
    write_processes(folders, notes)
    assert read_processes(folders) == notes
    folders.processes.write_bytes(b'{"supervisor": ')
    assert read_processes(folders) is None
