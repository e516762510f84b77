"""Folders: private, and in memory where the machine allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from allpoints.kernel.folders import Folders


def test_the_same_data_folder_has_the_same_memory_folder_and_another_has_another(tmp_path: Path) -> None:
    assert Folders.beneath(tmp_path / "a") == Folders.beneath(tmp_path / "b" / ".." / "a")
    assert Folders.beneath(tmp_path / "a").memory != Folders.beneath(tmp_path / "b").memory


def test_memory_lies_beneath_the_parent_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLPOINTS_MEMORY", str(tmp_path))
    assert Folders.beneath(tmp_path / "data").memory.parent == tmp_path


def test_without_a_parent_to_write_in_memory_lies_with_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLPOINTS_MEMORY", str(tmp_path / "nowhere"))
    assert Folders.beneath(tmp_path / "data").memory.parent == tmp_path / "data"


def test_all_folders_are_made_for_this_user_alone(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    folders.make()
    made = (folders.data, folders.media, folders.secrets, folders.memory, folders.public, folders.held,
            folders.sockets, folders.pictures, folders.journal.parent)
    assert all(folder.stat().st_mode & 0o777 == 0o700 for folder in made)


def test_what_is_held_back_does_not_lie_within_what_is_served(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path)
    for private in (folders.held, folders.pictures, folders.secrets, folders.database, folders.sockets):
        assert not private.is_relative_to(folders.public)
