"""What is released, for those who come after the release: recorder, simulcast, the endless sound.

They read the public folder like any viewer, so nothing that was held back or dumped can reach them, and they may be
killed at any time: what the folder still has is what they can make up for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import UnitName
from allpoints.publish.playlists import is_of_its_run, run_of
from allpoints.publish.shelf import read_runs, released_folder


@dataclass(frozen=True)
class ReleasedSegment:
    """A whole segment of one rendition. ``init`` and ``path`` are files; the two joined are a playable file.

    ``begins_run``: a discontinuity lies before it.
    """

    segment: int
    path: Path
    init: Path
    begins_run: bool


def released_segments(folders: Folders, rung: str, *, after: int = -1) -> list[ReleasedSegment]:
    """The released segments of a rendition with numbers above ``after``, oldest first; numbers may be missing.

    A file may go away between this answer and its reading, one playlist's length after it left the playlist.
    """
    shelf = released_folder(folders, rung)
    runs = read_runs(folders)
    starts = {run.segment for run in runs}
    found = sorted(
        (name.slot.segment, path) for path in shelf.glob("*.m4s")
        if (name := UnitName.read(path.name)) and name.slot.part is None and name.slot.segment > after
        and is_of_its_run(name, runs)
    )
    return [
        ReleasedSegment(segment, path, shelf / init, segment in starts)
        for segment, path in found if (init := run_of(runs, segment).inits.get(rung))
    ]
