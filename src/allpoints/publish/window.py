"""How much of what was released is kept for viewers who fall behind; less while the memory folder is nearly full."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from allpoints.kernel.files import free_bytes
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT
from allpoints.publish.ladder import Ladder, VideoRung
from allpoints.publish.playlists import LISTED_PART_SEGMENTS
from allpoints.publish.shelf import RungShelf

LEAST_SEGMENTS = 6
"""What is listed at the very least: twice what a player keeps from the newest segment (RFC 8216bis, 4.4.3.8)."""

HEADROOM_SECONDS = 6
"""What of the memory folder is kept free, in seconds of all renditions at their caps: nothing new ever waits."""

_MEDIA_SEQUENCE = re.compile(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)$", re.MULTILINE)


@dataclass
class Window:
    """The released segments that are kept. ``most`` are listed where there is room; ``first`` is the first one
    listed, and never goes back. ``is_tight``: what leaves the playlists is deleted at once."""

    most: int
    first: int = 0
    is_tight: bool = False

    def follow(self, last: int) -> None:
        """Move on to ``last``, the newest released segment. A window that was made smaller grows by standing."""
        self.first = max(self.first, last - self.most + 1)

    def shrink(self, last: int) -> bool:
        """Give up the oldest eighth, then the grace of what left the playlists; False when nothing more may go."""
        length = last - self.first + 1
        if length > LEAST_SEGMENTS:
            self.first = min(self.first + max(1, length // 8), last - LEAST_SEGMENTS + 1)
            return True
        gives_up_grace, self.is_tight = not self.is_tight, True
        return gives_up_grace

    def kept_from(self, last: int) -> int:
        """The first segment whose file is kept. RFC 8216bis, 6.2.2: a file stays for as long as the playlist that
        listed it last, after it left."""
        return self.first if self.is_tight else 2 * self.first - last - 2


class Keeper:
    """Deletes what is old, and what is less old where the memory folder is nearly full. Belongs to the release
    thread."""

    def __init__(
        self, folders: Folders, ladder: Ladder, shelves: Sequence[RungShelf], retention_segments: int,
        on_trouble: Callable[[str], None],
    ) -> None:
        self._folders = folders
        self._shelves = shelves
        self._window = Window(retention_segments)
        self._headroom = headroom_bytes(ladder)
        self._on_trouble = on_trouble
        self._is_short = False

    @property
    def first_listed(self) -> int:
        """Where playlists begin."""
        return self._window.first

    @property
    def is_tight(self) -> bool:
        """Whether what leaves the playlists is deleted at once."""
        return self._window.is_tight

    def has_headroom(self) -> bool:
        """Whether there is room for what can be done without."""
        return free_bytes(self._folders.memory) >= self._headroom

    def adopt(self) -> None:
        """Go on from the playlists of an earlier process: their numbers never go back either."""
        for shelf in self._shelves:
            with suppress(OSError):
                if found := _MEDIA_SEQUENCE.search((shelf.public / "index.m3u8").read_text()):
                    self._window.first = max(self._window.first, int(found[1]))

    def follow(self, shelf: RungShelf) -> None:
        """A rendition has come further: what is too old for it goes."""
        last = shelf.shelved().last
        self._window.follow(last)
        if last >= 0:
            parts = LISTED_PART_SEGMENTS if self._window.is_tight else 3 * LISTED_PART_SEGMENTS
            shelf.forget_before(self._window.kept_from(last), last - parts)

    def make_room(self) -> bool:
        """Give up a few old segments where there is no headroom; whether any were given up.

        Called often: a step at a time, so that playlists are written before what they listed is deleted.
        """
        first, free = self._window.first, free_bytes(self._folders.memory)
        if free < self._headroom:
            self.give_up_oldest()
        self._window.is_tight &= free < 2 * self._headroom
        if self._is_short and self._newest - self._window.first + 1 >= self._window.most:
            self._is_short = False
            self._on_trouble(f"The memory folder has room again: {_seconds(self._window.most)} s are kept.")
        return self._window.first > first

    def give_up_oldest(self) -> bool:
        """Make what is kept smaller by a step; False when it is as small as it may be."""
        if self._newest < 0 or not self._window.shrink(self._newest):
            return False
        for shelf in self._shelves:
            self.follow(shelf)
        if not self._is_short:
            self._is_short = True
            self._on_trouble(
                f"The memory folder is nearly full: less than {_seconds(self._window.most)} s are kept for viewers "
                f"who fall behind. Make room in {self._folders.memory}, or give it more."
            )
        return True

    @property
    def _newest(self) -> int:
        return max(shelf.shelved().last for shelf in self._shelves)


def headroom_bytes(ladder: Ladder) -> int:
    """How many bytes of the memory folder should always be free."""
    bits = sum(rung.peak_bit_rate if isinstance(rung, VideoRung) else rung.bit_rate for rung in ladder.made)
    return bits * HEADROOM_SECONDS // 8


def _seconds(segments: int) -> int:
    return segments * TICKS_PER_SEGMENT // TICKS_PER_SECOND
