"""Which commit a checkout is at, asked of real repositories."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from allpoints import __version__
from allpoints.app.commit import commit_of
from allpoints.app.version import version


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "module.py").write_text("one = 1\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=Noor", "-c", "user.email=noor@example.org", "commit", "-q", "-m", "First light")
    return tmp_path


def git(checkout: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(checkout), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_checkout_is_told_by_twelve_digits(checkout: Path) -> None:
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD")[:12]


@pytest.mark.parametrize("name", ["src/module.py", "src/new.py", "pyproject.toml"])
def test_what_differs_from_the_commit_is_said(checkout: Path, name: str) -> None:
    (checkout / name).write_text("two = 2\n")
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD")[:12] + "+changes"


def test_a_plan_that_lies_about_is_no_change(checkout: Path) -> None:
    (checkout / "gathering.toml").write_text("mine")
    assert commit_of(checkout) == git(checkout, "rev-parse", "HEAD")[:12]


def test_being_asked_writes_nothing(checkout: Path) -> None:
    os.utime(checkout / "src" / "module.py", (1, 1))  # git would like to note that it is the same nevertheless
    before = (checkout / ".git" / "index").read_bytes()
    commit_of(checkout)
    assert (checkout / ".git" / "index").read_bytes() == before


def test_a_folder_in_somebody_elses_repository_has_no_commit(checkout: Path) -> None:
    assert commit_of(checkout / "src") is None


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert commit_of(tmp_path) is None


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(checkout / "src"))
    assert commit_of(checkout) is None
    assert version() == __version__


def test_the_version_names_the_commit() -> None:
    assert re.fullmatch(rf"{re.escape(__version__)} \([0-9a-f]{{12,}}(\+changes)?\)", version())
