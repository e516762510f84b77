"""The data folder and the ports: held by one, refused in words to another."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allpoints.app.data_folder import AlreadyServing, FolderForbidden, held, is_held
from allpoints.app.demo_plan import NotADemo, plan_demo
from allpoints.app.ports import (
    Listening,
    NoSuchAddress,
    PortTaken,
    a_free_port,
    check_free,
    listen_at,
    listen_when_free,
)
from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.schedule.model import Gathering
from allpoints.schedule.store import load_gathering

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(data=tmp_path / "data", memory=tmp_path / "memory")
    made.make()
    return made


def test_a_data_folder_is_held_by_one(folders: Folders) -> None:
    clock = ManualClock(NOW)
    assert not is_held(folders)
    with held(folders, clock):
        assert is_held(folders)
        with pytest.raises(AlreadyServing, match="already runs with the data folder"), held(folders, clock):
            pass
    assert not is_held(folders)


def test_who_comes_second_first_waits_for_a_predecessor_to_be_gone(folders: Folders) -> None:
    clock = ManualClock(NOW)
    with held(folders, clock), pytest.raises(AlreadyServing), held(folders, clock):
        pass
    assert clock.monotonic() >= 2


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = Folders(data=tmp_path / "file" / "data", memory=tmp_path / "memory")
    with pytest.raises(FolderForbidden, match="Choose another with --data"), held(nowhere, ManualClock(NOW)):
        pass


def test_a_taken_port_is_refused_and_a_free_one_is_not(free_port: Callable[[], int]) -> None:
    port = free_port()
    listening = Listening("127.0.0.1", port, "--host", "--port")
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken, match=f"{port}.*ss -ltnp.*--port"):
        listen_when_free(listening, ManualClock(NOW))
    check_free(listening)


def test_an_address_of_another_machine_is_refused(free_port: Callable[[], int]) -> None:
    with pytest.raises(NoSuchAddress, match=r"192\.0\.2\.1.*--host"):
        check_free(Listening("192.0.2.1", free_port(), "--host", "--port"))


def planned(folders: Folders) -> Gathering:
    with closing(open_storage(folders)) as storage:
        return load_gathering(storage)


def test_the_demo_is_planned_around_now_and_kept_for_a_while(folders: Folders) -> None:
    clock = ManualClock(NOW)
    plan_demo(folders, clock)
    first = planned(folders)
    assert first.days[0].starts_at < NOW < first.days[0].ends_at
    assert len(first.days) == 3
    clock.advance(3600)
    plan_demo(folders, clock)
    assert planned(folders) == first


def test_a_demo_of_yesterday_is_planned_anew_and_what_aired_is_forgotten(folders: Folders) -> None:
    clock = ManualClock(NOW)
    plan_demo(folders, clock)
    kept = (folders.media / "clip.mp4", folders.secrets / "secret")
    for path in (folders.journal, folders.public / "master.m3u8", *kept):
        path.write_text("yesterday")
    clock.advance(24 * 3600)
    plan_demo(folders, clock)
    assert planned(folders).days[0].starts_at.date() == clock.now().date()
    assert not folders.journal.exists()
    assert not (folders.public / "master.m3u8").exists()
    assert all(path.exists() for path in kept)


def test_the_demo_keeps_its_hands_off_a_real_gathering(folders: Folders) -> None:
    with closing(open_storage(folders)):
        pass
    with pytest.raises(NotADemo):
        plan_demo(folders, ManualClock(NOW))


def test_who_takes_nothing_is_hung_up_on_and_who_is_told_nothing_is_not() -> None:
    listening = Listening("127.0.0.1", a_free_port(), "--host", "--port")
    with (
        listen_at(listening, unheard_ms=700) as listener,
        socket.create_connection(("127.0.0.1", listening.port)),
        socket.create_connection(("127.0.0.1", listening.port)) as silent,
        listener.accept()[0] as to_deaf,
        listener.accept()[0] as to_silent,
    ):
        to_deaf.settimeout(30)
        with pytest.raises(TimeoutError, match=os.strerror(errno.ETIMEDOUT)):  # and no “timed out” of our own
            to_deaf.sendall(bytes(50_000_000))
        to_silent.sendall(b"still there")
        assert silent.recv(20) == b"still there"
