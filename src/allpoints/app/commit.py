"""Which commit a checkout is at. Needs nothing installed: ``hatch_build.py`` runs it in a bare environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

MADE_OF = ("src", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE")
"""What a wheel is made of. Whatever else lies in a checkout changes nothing in the program."""


def commit_of(checkout: Path) -> str | None:
    """Twelve digits of its commit, and “+changes” where what a wheel is made of differs from that, or is new.

    None where ``checkout`` is not the top of a repository, where there is no git, and where git refuses.
    """
    if not (checkout / ".git").exists():  # a repository further up is somebody else's
        return None
    try:
        commit = _git(checkout, "rev-parse", "--short=12", "HEAD")
        changes = _git(checkout, "status", "--porcelain", "--untracked-files=normal", "--", *MADE_OF)
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{commit}+changes" if changes else commit


def _git(checkout: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "--no-optional-locks", "-C", str(checkout), *words],
        capture_output=True, text=True, timeout=5, check=True,
    ).stdout.strip()
