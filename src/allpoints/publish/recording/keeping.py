"""How long recordings are kept: the oldest go first, and never what is being written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from allpoints.contribute.recording.pieces import moment_of_name, sources_folder
from allpoints.kernel.folders import Folders
from allpoints.publish.recording.program_file import moment_of_file

LONGEST = timedelta(minutes=10)
"""What a file may hold after the moment in its name; then it is as old as the rule says, all of it."""


def outlived(folders: Folders, now: datetime, keep: timedelta) -> Iterator[Path]:
    """The recordings that are older than ``keep``, oldest first. Whatever is named otherwise is somebody else's."""
    found = []
    for folder in (folders.recordings / "program", folders.recordings / "clean", *sources_folder(folders).glob("*/")):
        dated = sorted((at, path) for path in folder.glob("*") if (at := _moment(path.name)))
        found += dated[:-1]  # the newest may be the one being written
    yield from (path for at, path in sorted(found) if at + LONGEST < now - keep)


def _moment(name: str) -> datetime | None:
    piece = moment_of_name(name)
    return piece[0] if piece else moment_of_file(name)
