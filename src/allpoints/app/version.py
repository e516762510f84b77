"""Which Allpoints this is."""

from __future__ import annotations

import subprocess
from pathlib import Path

from allpoints import __version__


def version() -> str:
    """The version, with the commit where this runs from a checkout of the repository."""
    checkout = Path(__file__).parents[3]
    if not (checkout / ".git").exists():
        return __version__
    try:
        commit = subprocess.run(
            ["git", "-C", str(checkout), "rev-parse", "--short=12", "HEAD"],
            capture_output=True, text=True, timeout=5, check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__} ({commit})"
