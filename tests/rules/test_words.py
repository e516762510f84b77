"""Rules that every committed text keeps."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from tests.rules.project import Project

# No claim that cannot be proved: such words belong on the page of limits, with their limits.
CLAIMS = re.compile(r"end[- ]to[- ]end|\banonym(?:ous|ity)\b|\buntraceable\b|\b100 ?%", re.IGNORECASE)
# The HTML attribute is no claim.
NO_CLAIM = re.compile(r"""cross-?origin["']?\s*[=:]\s*["']anonymous["']""", re.IGNORECASE)

# In two halves, or this file would break its own rule.
HOSTS = [left + right for left, right in (
    ("py", "pi.org"), ("pythonhosted", ".org"), ("registry.npm", "js.org"), ("npm", "mirror"), ("deb.deb", "ian.org"),
    ("snapshot.deb", "ian.org"), ("security.deb", "ian.org"), ("archive.ubu", "ntu.com"), ("proxy.gol", "ang.org"),
    ("extra-index", "-url http"), ("/tmp/", "lab"), ("/work/", "shared"), ("/opt/", "pypi"), ("/work/", "main"),
)]


def texts(project: Project) -> list[tuple[Path, str]]:
    found = []
    for path in project.files:
        with contextlib.suppress(UnicodeDecodeError, FileNotFoundError):  # pictures; a build in progress
            found.append((path, path.read_text()))
    return found


def claims(text: str) -> list[str]:
    return CLAIMS.findall(NO_CLAIM.sub("", text))


def test_no_claim_is_made_that_cannot_be_proved(project: Project) -> None:
    spared = {"LICENSE", "docs/limits.md", "tests/rules/test_words.py"}
    spoken = {".md", ".py", ".html", ".ts", ".po", ".pot", ".toml", ".txt"}
    wrong = [
        f"{project.name(path)}: {word}"
        for path, text in texts(project)
        if path.suffix in spoken and project.name(path) not in spared
        for word in claims(text)
    ]
    assert not wrong


@pytest.mark.parametrize("text", ["It is End-to-End safe", "anonymous", "100 % up", "100% up", "untraceable"])
def test_a_claim_is_seen(text: str) -> None:
    assert claims(text)


def test_the_attribute_of_a_picture_is_no_claim() -> None:
    assert not claims('<video crossorigin="anonymous">')


def test_no_committed_file_names_a_registry_or_a_place_on_somebodys_machine(project: Project) -> None:
    wrong = [f"{project.name(path)}: {host}" for path, text in texts(project) for host in HOSTS if host in text]
    assert not wrong


def test_locks_carry_hashes_and_the_front_ends_lock_no_addresses(project: Project) -> None:
    for lock in project.beneath("requirements", ".txt"):
        pins = re.findall(r"^[a-z0-9].*$", lock.read_text(), re.MULTILINE)
        assert pins
        assert all("==" in pin and pin.endswith("\\") for pin in pins), lock
    assert '"resolved"' not in (project.root / "frontend" / "package-lock.json").read_text()
