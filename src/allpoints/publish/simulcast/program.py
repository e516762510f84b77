"""The released program of one rendition, picture and sound, as pieces that come due one after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import av

from allpoints.kernel.folders import Folders
from allpoints.publish.demuxed import demuxed
from allpoints.publish.ladder import AudioRung, Ladder, VideoRung
from allpoints.publish.released import ReleasedSegment, released_segments
from allpoints.publish.simulcast.pacing import Pacer
from allpoints.publish.simulcast.pieces import Piece, pieces

MOST_BEHIND = 3
"""Segments. A process that was held up longer goes on with what is new."""


@dataclass(frozen=True)
class Rendition:
    """What a receiver is sent: a picture with its sound, or a sound alone."""

    picture: VideoRung | None
    sound: AudioRung

    @classmethod
    def wanted(cls, name: str | None, ladder: Ladder) -> Rendition:
        """The rendition called ``name``; where none is named, or it is not made, the largest one."""
        sounds = {rung.name: rung for rung in ladder.audio if rung.codec == "aac"}
        if name in sounds:
            return cls(None, sounds[name])
        picture = next((rung for rung in ladder.video if rung.name == name), next(iter(ladder.video), None))
        return cls(picture, sounds[picture.sound] if picture else next(iter(sounds.values())))


class Program:
    """Follows one rendition. A segment of which picture or sound is missing is a hole."""

    def __init__(self, folders: Folders, rendition: Rendition) -> None:
        self._folders = folders
        self._rendition = rendition
        self._pacer = Pacer()
        self._waiting: deque[Piece] = deque()
        self._last = -1

    def look(self, now: float) -> None:
        """Take in what was released since the last look; ``now`` in monotonic milliseconds."""
        for picture, sound in self._fresh():
            self._last = sound.segment
            try:
                made = pieces(demuxed(picture) if picture else None, demuxed(sound))
            except (OSError, av.FFmpegError):
                continue  # taken away meanwhile, or damaged: a hole
            if made:
                self._pacer.segment(made[0].time, now)
                self._waiting.extend(made)

    def due(self, now: float) -> Iterator[Piece]:
        """What should go out by ``now``."""
        while self._waiting and self._pacer.is_due(self._waiting[0].time, now):
            yield self._waiting.popleft()

    def _fresh(self) -> list[tuple[ReleasedSegment | None, ReleasedSegment]]:
        sounds = released_segments(self._folders, self._rendition.sound.name, after=self._last)
        if self._rendition.picture is None:
            found: list[tuple[ReleasedSegment | None, ReleasedSegment]] = [(None, sound) for sound in sounds]
        else:
            pictures = {each.segment: each for each in released_segments(
                self._folders, self._rendition.picture.name, after=self._last
            )}
            found = [(pictures[sound.segment], sound) for sound in sounds if sound.segment in pictures]
        return found[-1:] if self._last < 0 or len(found) > MOST_BEHIND else found
