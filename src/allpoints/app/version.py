"""Which Allpoints this is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from allpoints import __version__
from allpoints.app.commit import commit_of


def version() -> str:
    """The version, with the commit that it was built of, or that the checkout it runs from is at."""
    baked = files(__package__) / "commit.txt"  # by hatch_build.py; in a checkout there is none
    commit = baked.read_text() if baked.is_file() else commit_of(Path(__file__).parents[3])
    return f"{__version__} ({commit})" if commit else __version__
