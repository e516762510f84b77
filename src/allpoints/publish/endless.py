"""The endless sound: what is released of one audio rendition as an ADTS stream (ISO 14496-3, 1.A.3), for radios and
players that know no HLS."""

from __future__ import annotations

import av

from allpoints.kernel.folders import Folders
from allpoints.publish.demuxed import Demuxed, demuxed
from allpoints.publish.released import released_segments

FIRST_SEGMENTS = 4
"""How far back it begins, and goes on after a pause."""


class EndlessSound:
    """Follows one AAC rendition. Owned by one thread at a time."""

    def __init__(self, folders: Folders, rung: str) -> None:
        self._folders = folders
        self._rung = rung
        self._last = -1

    def fresh(self) -> list[bytes]:
        """What was released since the last call, a segment each; at first the last few. Reads files."""
        released = released_segments(self._folders, self._rung, after=self._last)
        if self._last < 0 or len(released) > FIRST_SEGMENTS:
            released = released[-FIRST_SEGMENTS:]
        sounds = []
        for segment in released:
            self._last = segment.segment
            try:
                sounds.append(adts(demuxed(segment)))
            except (OSError, av.FFmpegError):
                continue  # taken away meanwhile, or damaged: a hole
        return sounds


def adts(segment: Demuxed) -> bytes:
    """The frames of a segment of AAC, each behind a header of seven bytes that tells all a decoder needs."""
    kind, rate = segment.setup[0] >> 3, (segment.setup[0] & 7) << 1 | segment.setup[1] >> 7
    channels = segment.setup[1] >> 3 & 15
    parts = []
    for unit in segment.units:
        length = len(unit.content) + 7
        parts += [bytes([
            0xFF, 0xF1, (kind - 1) << 6 | rate << 2 | channels >> 2, (channels & 3) << 6 | length >> 11,
            length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC,
        ]), unit.content]
    return b"".join(parts)
