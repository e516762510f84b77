"""Who is signed in: tokens that are never stored, and that end when they should."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import Storage, open_storage
from allpoints.staff import Door, NotSignedIn, StaffSessions, WrongSecret, ensure_secret, reset_secret
from allpoints.staff.sessions import LIFETIME


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data")


@pytest.fixture
def storage(folders: Folders) -> Iterator[Storage]:
    storage = open_storage(folders)
    yield storage
    storage.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 10, 24, tzinfo=UTC))


@pytest.fixture
def sessions(storage: Storage, clock: ManualClock) -> StaffSessions:
    return StaffSessions(storage, clock)


def test_a_token_finds_its_session_and_nothing_else_does(sessions: StaffSessions) -> None:
    token, session = sessions.start("Inês")
    other, _ = sessions.start("Odd")
    assert sessions.find(token) == session
    assert session.name == "Inês"
    for wrong in ("", token[:-1], token + "a", session.id, other[::-1], "\udcff"):
        with pytest.raises(NotSignedIn):
            sessions.find(wrong)


def test_a_session_survives_a_restart_and_other_processes_see_it(
    sessions: StaffSessions, folders: Folders, clock: ManualClock
) -> None:
    token, session = sessions.start("Inês")
    again = open_storage(folders)
    assert StaffSessions(again, clock).find(token) == session
    again.close()


def test_a_session_ends_by_itself(sessions: StaffSessions, clock: ManualClock) -> None:
    token, _ = sessions.start("")
    clock.advance(LIFETIME.total_seconds() - 1)
    sessions.find(token)
    clock.advance(1)
    with pytest.raises(NotSignedIn):
        sessions.find(token)
    assert sessions.all() == []


def test_a_clock_that_is_wrong_for_a_while_signs_nobody_out_for_good(
    sessions: StaffSessions, clock: ManualClock
) -> None:
    before, _ = sessions.start("Inês")
    clock.step(30 * 24 * 3600)
    with pytest.raises(NotSignedIn):
        sessions.find(before)
    meanwhile, _ = sessions.start("Odd")
    sessions.find(meanwhile)
    clock.step(-30 * 24 * 3600)
    sessions.find(before)
    with pytest.raises(NotSignedIn):  # or it would live for 35 days
        sessions.find(meanwhile)


@pytest.mark.parametrize("step", [-3600, 3600])
def test_a_clock_that_is_set_by_an_hour_signs_nobody_out(
    sessions: StaffSessions, clock: ManualClock, step: int
) -> None:
    token, session = sessions.start("Inês")
    clock.step(step)
    assert sessions.find(token) == session
    assert sessions.all() == [session]


def test_on_a_full_disk_people_still_sign_in_and_are_written_down_once_there_is_room(
    sessions: StaffSessions, storage: Storage, folders: Folders, clock: ManualClock
) -> None:
    earlier, _ = sessions.start("Inês")
    limit_pages(storage, 1)  # no less than there are
    signed_in = [sessions.start(f"Odd {number}") for number in range(60)]
    assert all(sessions.find(token) == session for token, session in signed_in)
    assert sessions.find(earlier)
    assert {session.id for session in sessions.all()} >= {session.id for _, session in signed_in}
    other = StaffSessions(open_storage(folders), clock)
    with pytest.raises(NotSignedIn):
        other.find(signed_in[-1][0])
    sessions.end(signed_in[0][1].id)
    limit_pages(storage, 100_000)
    assert sessions.find(signed_in[-1][0]) == signed_in[-1][1]
    assert other.find(signed_in[-1][0]) == signed_in[-1][1]
    other._storage.close()


def limit_pages(storage: Storage, pages: int) -> None:
    with storage.read() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_one_can_be_signed_out_and_the_others_stay(sessions: StaffSessions, clock: ManualClock) -> None:
    first, one = sessions.start("Inês")
    clock.advance(1)
    second, two = sessions.start("Odd")
    assert sessions.all() == [one, two]
    sessions.end(one.id)
    sessions.end(one.id)
    assert sessions.all() == [two]
    sessions.find(second)
    with pytest.raises(NotSignedIn):
        sessions.find(first)


def test_a_new_secret_signs_everybody_out(sessions: StaffSessions, folders: Folders, clock: ManualClock) -> None:
    old = ensure_secret(folders)
    assert old
    token, _ = sessions.start("Inês")
    new = reset_secret(folders, sessions)
    with pytest.raises(NotSignedIn):
        sessions.find(token)
    door = Door(folders, clock)
    door.verify(new)
    with pytest.raises(WrongSecret):
        door.verify(old)


def test_tokens_are_long_different_and_never_stored(sessions: StaffSessions, folders: Folders) -> None:
    tokens = {sessions.start("Inês")[0] for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 43 for token in tokens)  # 256 bits in base 64
    stored = b"".join(path.read_bytes() for path in folders.data.rglob("*") if path.is_file())
    assert "Inês".encode() in stored  # the place is the right one to look in
    assert not any(token.encode() in stored for token in tokens)


def test_a_name_cannot_break_a_line_or_a_page(sessions: StaffSessions) -> None:
    _, session = sessions.start("  Odd\n\x00\u202eVik " + "x" * 500)
    assert session.name.startswith("OddVik")
    assert len(session.name) <= 60
