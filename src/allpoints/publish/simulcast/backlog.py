"""What one receiver has still to take: bounded, and dropped as far as the next key picture when it is too much."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from allpoints.publish.simulcast.pieces import Piece

LONGEST_MS = 8000
"""More than a slow handshake takes, and little memory: two megabytes at 1.8 Mb/s. Whole segments, so that what comes
after a drop is most often a key picture."""


@dataclass
class Backlog:
    """A queue of pieces. It begins, and begins again after a drop, where decoding can begin."""

    dropped: int = 0
    """Segments, so far."""
    _pieces: deque[Piece] = field(default_factory=deque)
    _is_broken: bool = True

    def add(self, piece: Piece) -> None:
        """Append; what is there is dropped first where it would last ``LONGEST_MS``."""
        if self._pieces and piece.time - self._pieces[0].time >= LONGEST_MS:
            self.dropped += max(1, sum(each.opening is not None for each in self._pieces))
            self.clear()
        if piece.opening is not None:
            self._is_broken = False
        if not self._is_broken:
            self._pieces.append(piece)

    def first(self) -> Piece | None:
        """The oldest piece, left where it is."""
        return self._pieces[0] if self._pieces else None

    def take(self) -> Piece:
        """The oldest piece."""
        return self._pieces.popleft()

    def skip_to_opening(self) -> None:
        """Drop what a decoder could not begin with."""
        while self._pieces and self._pieces[0].opening is None:
            self._pieces.popleft()

    def clear(self) -> None:
        """Drop all; go on with the next opening."""
        self._pieces.clear()
        self._is_broken = True
