"""What is recorded: each track as a row of files with their true times, and what is missing between them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from allpoints.contribute.recording.gaps import Gap, read_gaps
from allpoints.contribute.recording.pieces import Piece, pieces_of, sources_folder
from allpoints.kernel.folders import Folders
from allpoints.publish.recording.program_file import files_of

SEAM = timedelta(seconds=1)
"""Pieces of one connection follow one another by their stream's own times; the moments in their names may be so far
apart from that."""


@dataclass(frozen=True)
class Take:
    """One file in its true place: what it stamps with ``first_seconds`` was new at ``began_at``."""

    path: Path
    began_at: datetime
    ended_at: datetime
    first_seconds: float
    size: int


@dataclass(frozen=True)
class Recording:
    """All files of one track, oldest first, and its gaps: those that were told, and others that the files show."""

    what: str
    takes: Sequence[Take]
    gaps: Sequence[Gap]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(take.size for take in self.takes)

    @property
    def length(self) -> timedelta:
        """What is there to be seen, without the holes."""
        return sum((take.ended_at - take.began_at for take in self.takes), timedelta())

    def between(self, since: datetime | None, until: datetime | None) -> Recording:
        """The part of it from one moment to another; whole files."""
        takes = [take for take in self.takes
                 if (since is None or take.ended_at > since) and (until is None or take.began_at < until)]
        if not takes:
            return Recording(self.what, [], [])
        first, last = takes[0].began_at, takes[-1].ended_at
        gaps = [gap for gap in self.gaps if gap.began_at < last and (gap.ended_at or last) > first]
        return Recording(self.what, takes, gaps)


def recordings(folders: Folders) -> Iterator[Recording]:
    """Every track of which something is recorded. Raises OSError."""
    told = [gap for gap in read_gaps(folders) if gap.lost is not False]
    for what in ("program", "clean"):
        found = [
            Take(file.path, file.began_at, file.ended_at, 0.0, file.size)
            for file in files_of(folders.recordings / what)
        ]
        if found:
            yield _recording(what, found, told)
    for folder in sorted(sources_folder(folders).glob("*/")):
        pieces = pieces_of(folder)
        if pieces:
            yield _recording(folder.name, list(_placed(pieces)), told)


def _placed(pieces: Sequence[Piece]) -> Iterator[Take]:
    """Pieces in their true places: where one goes on in its predecessor's own time, to the millisecond."""
    place, before = pieces[0].began_at, pieces[0]
    for piece in pieces:
        by_stream = place + timedelta(milliseconds=piece.first_ms - before.first_ms)
        place = by_stream if abs(by_stream - piece.began_at) <= SEAM else piece.began_at
        yield Take(piece.path, place, place + (piece.ended_at - piece.began_at), piece.first_ms / 1000, piece.size)
        before = piece


def _recording(what: str, takes: Sequence[Take], told: Sequence[Gap]) -> Recording:
    """With holes between files that nobody told of: a recorder that was not there."""
    gaps = [gap for gap in told if gap.what == what]
    for before, after in itertools.pairwise(takes):
        since, until = before.ended_at, after.began_at
        if until - since > SEAM and not any(
            gap.began_at < until and (gap.ended_at is None or gap.ended_at > since) for gap in gaps
        ):
            gaps.append(Gap(what, since, until, "", why="nothing was recorded"))
    return Recording(what, takes, sorted(gaps, key=lambda gap: gap.began_at))
