"""The secret of the control page: made once, never stored, in doubt nobody comes in."""

from __future__ import annotations

import math
import multiprocessing
import stat
import threading
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import argon2
import pytest

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.staff import Door, SecretDamaged, SecretMissing, TooManyTries, WrongSecret, ensure_secret
from allpoints.staff import door as door_module
from allpoints.staff.secret import _ALPHABET, _LENGTH, as_made, replace_secret

OTHER = "aaaaa-bbbbb-ccccc-ddddd"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    return folders


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 10, 24, tzinfo=UTC))


@pytest.fixture
def door(folders: Folders, clock: ManualClock) -> Door:
    return Door(folders, clock)


def hash_file(folders: Folders) -> Path:
    (path,) = folders.secrets.glob("*.argon2")
    return path


def test_the_first_start_makes_a_secret_and_no_later_one_does(folders: Folders, door: Door) -> None:
    made = ensure_secret(folders)
    assert made is not None
    assert ensure_secret(folders) is None
    door.verify(made)


def test_a_secret_has_bits_enough_and_is_easy_to_type(folders: Folders) -> None:
    assert _LENGTH * math.log2(len(set(_ALPHABET))) >= 88
    made = [replace_secret(folders) for _ in range(5)]
    assert len(set(made)) == 5
    assert all([len(group) for group in secret.split("-")] == [5, 5, 5, 5] for secret in made)
    assert not set("".join(made)) & set("ilou")


def test_only_its_argon2id_hash_is_stored_and_only_for_this_user(folders: Folders) -> None:
    made = ensure_secret(folders)
    assert made
    stored = [path for path in folders.data.rglob("*") if path.is_file()]
    for path in stored:
        assert made.encode() not in path.read_bytes()
        assert made.replace("-", "").encode() not in path.read_bytes()
    assert stat.S_IMODE(hash_file(folders).stat().st_mode) == 0o600
    assert argon2.extract_parameters(hash_file(folders).read_text().strip()).type is argon2.Type.ID


def test_how_it_is_typed_does_not_matter(folders: Folders, door: Door) -> None:
    made = ensure_secret(folders)
    assert made
    for typed in (made.upper(), made.replace("-", " "), f"  {made}\n", made.replace("-", ""), made.replace("-", "–"),
                  made.replace("0", "O").replace("1", "l"),
                  made.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))):
        door.verify(typed)


@pytest.mark.parametrize("typed", ["", " ", OTHER, "a", "a" * 21, "u" * 20, "x" * 10**6, "\x00" * 20, "$argon2id$"])
def test_anything_else_is_wrong(folders: Folders, door: Door, typed: str) -> None:
    ensure_secret(folders)
    with pytest.raises(WrongSecret):
        door.verify(typed)


def test_nobody_comes_in_before_there_is_a_secret(door: Door) -> None:
    for typed in ("", "admin", OTHER):
        with pytest.raises(SecretMissing):
            door.verify(typed)


@pytest.mark.parametrize("content", [
    b"", b"\n", b"\x00" * 100, b"secret", b"\xff\xfe", b"$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    b"$argon2i$v=19$m=19456,t=2,p=1$" + b"c2FsdHNhbHRzYWx0c2FsdA$" + b"A" * 43,
])
def test_a_blank_or_damaged_file_keeps_everybody_out_and_says_what_to_do(
    folders: Folders, door: Door, content: bytes
) -> None:
    made = ensure_secret(folders)
    assert made
    path = hash_file(folders)
    path.write_bytes(content)
    for typed in (made, "", OTHER):
        with pytest.raises(SecretDamaged) as caught:
            door.verify(typed)
        assert str(path) in caught.value.sentence()
        assert "allpoints reset-secret" in caught.value.sentence()
    with pytest.raises(SecretDamaged):
        ensure_secret(folders)
    door.verify(replace_secret(folders))


def test_a_hash_cut_short_keeps_everybody_out(folders: Folders, door: Door) -> None:
    made = ensure_secret(folders)
    assert made
    whole = hash_file(folders).read_bytes().strip()
    for length in range(0, len(whole), 7):
        hash_file(folders).write_bytes(whole[:length])
        with pytest.raises(SecretDamaged):
            door.verify(made)


def test_a_new_secret_makes_the_old_one_wrong(folders: Folders, door: Door) -> None:
    old = ensure_secret(folders)
    new = replace_secret(folders)
    assert old
    door.verify(new)
    with pytest.raises(WrongSecret):
        door.verify(old)


def test_of_processes_that_start_at_once_one_shows_the_secret(folders: Folders, door: Door) -> None:
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        made = [future.result() for future in [pool.submit(ensure_secret, folders) for _ in range(6)]]
    (shown,) = filter(None, made)
    door.verify(shown)


def test_guessing_is_slowed_down_for_everybody_and_recovers(folders: Folders, door: Door, clock: ManualClock) -> None:
    made = ensure_secret(folders)
    assert made
    for _ in range(20):
        with pytest.raises(WrongSecret):
            door.verify(OTHER)
    for typed in (OTHER, made):
        with pytest.raises(TooManyTries) as caught:
            door.verify(typed)
        assert caught.value.values == {"seconds": 1}
    clock.advance(1)
    door.verify(made)


def test_what_cannot_be_a_secret_costs_nothing(folders: Folders, door: Door) -> None:
    made = ensure_secret(folders)
    assert made
    for _ in range(1000):
        with pytest.raises(WrongSecret):
            door.verify("password")
    door.verify(made)


def test_only_two_are_checked_at_a_time(folders: Folders, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_secret(folders)
    inside, go_on = threading.Semaphore(0), threading.Event()

    def slow(_encoded: str, _canonical: str) -> bool:
        inside.release()
        return go_on.wait(10)

    monkeypatch.setattr(door_module, "matches", slow)
    threads = [threading.Thread(target=door.verify, args=(OTHER,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=10)
    assert inside.acquire(timeout=10)
    with pytest.raises(TooManyTries):
        door.verify(OTHER)
    go_on.set()
    for thread in threads:
        thread.join()


def test_the_form_of_a_secret_is_its_own_canonical_form() -> None:
    assert as_made(OTHER) == "aaaaabbbbbcccccddddd"
    assert as_made("OIL0123456789abcdefg") == "0110123456789abcdefg"
