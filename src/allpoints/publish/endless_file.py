"""The endless file: what is released of one rendition, its sound beside it, as one fragmented MP4 (ISO 14496-12), for
plain ``<video>`` and ``<audio>`` elements of browsers that run no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import av

from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import SAMPLES_PER_TICK, TICKS_PER_SEGMENT, first_tick_of
from allpoints.publish.ladder import Rung, VideoRung
from allpoints.publish.recording.boxes import header_of, moved
from allpoints.publish.released import ReleasedSegment, released_segments


@dataclass(frozen=True)
class Piece:
    """One released segment of every track, as published. ``head`` is the head of the file that it fits into."""

    segment: int
    head: bytes
    tracks: tuple[bytes, ...]


class EndlessFile:
    """Follows one rendition, or a picture and its sound. Owned by one thread at a time.

    It begins ``first`` segments back, and so it goes on after a pause.
    """

    def __init__(self, folders: Folders, rungs: Sequence[Rung], first: int) -> None:
        self._folders = folders
        self._first = first
        self._names = [rung.name for rung in rungs]
        self._last = -1
        self._heads: dict[tuple[str, ...], bytes] = {}

    def fresh(self) -> list[Piece]:
        """What all tracks have new since the last call; at first the last few. Reads files.

        A segment that a track lacks is left out of all: a hole that the next piece's number tells of.
        """
        by_track = [{each.segment: each for each in released_segments(self._folders, name, after=self._last)}
                    for name in self._names]
        numbers = sorted(set.intersection(*(set(track) for track in by_track)))
        if self._last < 0 or len(numbers) > self._first:
            numbers = numbers[-self._first:]
        pieces = []
        for number in numbers:
            self._last = number
            try:
                pieces.append(self._piece([track[number] for track in by_track]))
            except (OSError, av.FFmpegError):
                continue  # taken away meanwhile: a hole
        return pieces

    def _piece(self, segments: Sequence[ReleasedSegment]) -> Piece:
        inits = tuple(str(segment.init) for segment in segments)
        if inits not in self._heads:
            self._heads = {inits: header_of([segment.init.read_bytes() for segment in segments])}
        return Piece(segments[0].segment, self._heads[inits], tuple(each.path.read_bytes() for each in segments))


class OwnCopy:
    """The bytes of one viewer's file, whose time begins at nought with the first piece and has no holes.

    ``rungs`` are those of the ``EndlessFile``. Where the stream goes on with other codec settings a file cannot:
    then nothing more comes, and the viewer begins a new one.
    """

    def __init__(self, rungs: Sequence[Rung]) -> None:
        self._rungs = rungs
        self._head: bytes | None = None
        self._next = self._shift = self._place = 0

    def __call__(self, piece: Piece) -> bytes:
        """What to send for the next piece; nothing once the file is over."""
        begins = self._head is None
        if begins:
            self._head, self._next = piece.head, piece.segment
            self._shift = first_tick_of(piece.segment)
        if piece.head != self._head:
            return b""
        self._shift += (piece.segment - self._next) * TICKS_PER_SEGMENT  # a hole is passed over
        self._next = piece.segment + 1
        out = piece.head if begins else b""
        for track, (rung, content) in enumerate(zip(self._rungs, piece.tracks, strict=True), start=1):
            shift = self._shift if isinstance(rung, VideoRung) else self._shift * SAMPLES_PER_TICK
            out += moved(content, track, shift, self._place)
        self._place += 1
        return out
