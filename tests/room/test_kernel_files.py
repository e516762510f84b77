"""Files that nobody sees half of, and locks that end with their holder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from allpoints.kernel.files import exclusive, write_atomically


@pytest.mark.parametrize("durable", [False, True])
def test_a_reader_sees_the_old_or_the_new_and_nothing_else(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "playlist.m3u8"
    contents = {bytes([letter]) * 200_000 for letter in b"abc"}
    write_atomically(path, b"a" * 200_000)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for content in contents:
                write_atomically(path, content, durable=durable)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {path.read_bytes() for _ in range(200)}
    finally:
        stop.set()
        writer.join()
    assert seen <= contents
    assert os.listdir(tmp_path) == ["playlist.m3u8"]  # noqa: PTH208


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    path.chmod(0o644)
    before = os.umask(0)
    try:
        write_atomically(path, b"new", private=True)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == b"new"


def test_a_private_draft_left_behind_is_not_trusted(tmp_path: Path) -> None:
    draft = tmp_path / f".key.{os.getpid()}.draft"
    draft.touch(mode=0o666)
    draft.chmod(0o666)
    write_atomically(tmp_path / "key", b"new", private=True)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_only_one_is_inside(tmp_path: Path) -> None:
    inside: list[int] = []
    most = 0

    def enter() -> None:
        nonlocal most
        for _ in range(50):
            with exclusive(tmp_path / "lock"):
                inside.append(1)
                most = max(most, len(inside))
                inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_lock_ends_with_its_holder_however_that_dies(tmp_path: Path) -> None:
    hold = ("import sys\nfrom pathlib import Path\nfrom allpoints.kernel.files import exclusive\n"
            "with exclusive(Path(sys.argv[1])):\n    print('inside', flush=True)\n    sys.stdin.read()\n")
    with subprocess.Popen([sys.executable, "-c", hold, tmp_path / "lock"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"inside\n"
        entered = threading.Event()

        def enter() -> None:
            with exclusive(tmp_path / "lock"):
                entered.set()

        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(0.2)
        holder.send_signal(signal.SIGKILL)
        assert entered.wait(10)
        waiting.join()
