"""Keeps a publisher's timeline continuous when its clock jumps."""

from __future__ import annotations

JUMP_MS = 1000
_STEP_MS = 20


class Continuity:
    """Maps a publisher's timestamps to a timeline that begins at 0 and never jumps by more than a second.

    A jump is a change of more than a second, either way, that the passing of real time does not explain (a publisher
    that was cut off for three seconds and goes on three seconds later has not jumped). Sound and pictures share one
    offset, so they stay together; the offset before the last jump still holds for a track that has not jumped yet,
    because the two are interleaved and the slower one brings old times for a moment.
    """

    def __init__(self) -> None:
        self.jumps = 0
        self._offset: int | None = None
        self._before = 0
        self._not_yet_moved: set[int] = set()
        self._last_out = 0
        self._last_at = 0.0
        self._track_out: dict[int, int] = {}

    def place(self, track: int, timestamp: int, monotonic: float) -> int:
        """The continuous time, in ms, of a message stamped ``timestamp`` that arrived at ``monotonic`` seconds."""
        if self._offset is None:
            self._offset = -timestamp
            self._last_at = monotonic
        elapsed = (monotonic - self._last_at) * 1000
        out = timestamp + self._offset
        if not -JUMP_MS <= out - self._last_out <= JUMP_MS + elapsed:
            old = timestamp + self._before
            if track in self._not_yet_moved and abs(old - self._last_out) <= JUMP_MS:
                out = old
            else:
                self.jumps += 1
                self._before = self._offset
                self._not_yet_moved = set(self._track_out) - {track}
                out = self._last_out + max(_STEP_MS, min(JUMP_MS, round(elapsed)))
                self._offset = out - timestamp
        else:
            self._not_yet_moved.discard(track)
        # A track's own time never runs backwards, or the reader's decoder would drop what follows.
        out = max(out, self._track_out.get(track, 0))
        self._track_out[track] = out
        self._last_out = max(self._last_out, out)
        self._last_at = monotonic
        return out
