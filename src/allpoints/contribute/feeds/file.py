"""A file that plays: read ahead of the mixer, held back by the pipe."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import av

from allpoints.contribute.children import Child, Children
from allpoints.contribute.conform import file_arguments
from allpoints.contribute.demux import Began, Heard, Pictured, read_nut
from allpoints.contribute.facts import MediaFacts
from allpoints.contribute.feeds.buffer import TickBuffer
from allpoints.contribute.refusals import MediaBroken
from allpoints.contribute.source import Moment, SourceState, SourceStatus
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.timeline import SAMPLES_PER_TICK, TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef

AHEAD_TICKS = 20
READY_TICKS = 3
PICTURE_GONE_TICKS = 50
"""How far sound may run ahead before its picture is taken to have ended (or not begun) and is held."""

STALLED_AFTER = 1.0
_TICK_MS = 1000 // TICKS_PER_SECOND


@dataclass(frozen=True)
class Playable:
    """A file that may be aired, and what is known of it."""

    path: Path
    facts: MediaFacts


class FileFeed:
    """Plays a file from its start. ``card`` is shown where the file has no picture of its own.

    A looping file is opened anew at its end, early enough that the next round follows without a hole: FFmpeg's own
    looping lets sound and picture slip by up to 20 ms a round.
    """

    def __init__(
        self, ref: SourceRef, playable: Future[Playable], children: Children, clock: Clock, *,
        card: av.VideoFrame, loop: bool = False,
    ) -> None:
        self._ref = ref
        self._playable = playable
        self._children = children
        self._clock = clock
        self._card = card
        self._loop = loop
        self._changed = threading.Condition()
        self._buffer = TickBuffer()
        self._has_sound = False
        self._child: Child | None = None
        self._refusal: AllpointsError | None = None
        self._duration_ms: int | None = None
        self._round_began = 0
        self._primed = self._over = self._closed = self._restarting = False
        self._starved_at: float | None = None

    def start(self) -> None:
        """Open the file on the feed's own thread."""
        threading.Thread(target=self._run, name=f"feed {self._ref}", daemon=True).start()

    def pull(self) -> Moment | None:
        """The next tick, or None: opening, at its end, or because decoding is behind."""
        with self._changed:
            if not self._has_next():
                if self._starved_at is None:
                    self._starved_at = self._clock.monotonic()
                return None
            self._starved_at = None
            moment = self._buffer.take()
            self._changed.notify()
            return moment

    def idle_tick(self) -> None:
        """Nothing: the pipe holds a file back."""

    def preview(self) -> av.VideoFrame | None:
        """The picture at the playhead."""
        with self._changed:
            return self._buffer.front

    def status(self) -> SourceStatus:
        """State, level and what is left of the file."""
        with self._changed:
            state, code, values = self._state()
            remaining = None
            if self._duration_ms is not None and not self._loop:
                remaining = max(0, self._duration_ms - self._buffer.playhead * _TICK_MS)
            log = self._child.log if self._child else ""
            return SourceStatus(self._ref, state, code, values, log, self._buffer.level, remaining)

    def restart(self, playable: Future[Playable]) -> None:
        """End the child and open the file again where it was; a refused one is tried again as ``playable``."""
        with self._changed:
            if self._refusal is None:
                self._restarting = not self._over
                self._end_child()
            elif not self._closed:
                self._playable, self._refusal = playable, None
                self._over = self._primed = False
                self.start()

    def close(self) -> None:
        """End it all; returns at once."""
        with self._changed:
            self._closed = True
            self._end_child()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.end()
        self._changed.notify()

    def _state(self) -> tuple[SourceState, str, dict[str, str | int | float]]:
        if self._refusal is not None:
            return SourceState.REFUSED, self._refusal.code, dict(self._refusal.values)
        if self._over and self._buffer.playhead >= self._buffer.end:
            return SourceState.ENDED, "", {}
        if not self._primed:
            return SourceState.OPENING, "", {}
        if self._starved_at is not None and self._clock.monotonic() - self._starved_at > STALLED_AFTER:
            return SourceState.LOST, "", {}
        return SourceState.READY, "", {}

    def _has_next(self) -> bool:
        buffer = self._buffer
        if self._closed or not self._primed:
            return False
        if self._over:
            return buffer.playhead < buffer.end
        # Sound that lags behind a full read-ahead is no sound at all, and must not stop the picture.
        return buffer.depth > 0 and (
            not self._has_sound or buffer.sound_depth > 0 or buffer.depth >= AHEAD_TICKS
        )

    def _run(self) -> None:
        refusal: AllpointsError | None = None
        try:
            playable = self._playable.result()
            self._duration_ms = playable.facts.duration_ms
            self._play(playable)
            if self._buffer.end == 0 and not self._closed:
                raise MediaBroken(name=playable.path.name)
        except AllpointsError as refused:
            refusal = refused
        except (OSError, RuntimeError):  # no process to be had, or the desk is closing
            refusal = MediaBroken(name=str(self._ref))
        with self._changed:
            self._refusal = refusal
            self._over = self._primed = True

    def _play(self, playable: Playable) -> None:
        """Rounds of the file, one after the other, until it is over."""
        from_tick = 0
        while True:
            before = self._buffer.end
            self._play_once(playable, from_tick)
            with self._changed:
                if self._closed:
                    return
                if self._restarting:
                    self._restarting = False
                    from_tick = self._buffer.playhead - self._round_began
                    self._buffer.begin(self._buffer.playhead)
                    continue
                from_tick, self._round_began = 0, self._buffer.end
                if not self._loop or self._buffer.end == before:
                    return

    def _play_once(self, playable: Playable, from_tick: int) -> None:
        base = self._round_began + from_tick
        child = self._children.run(file_arguments(playable.path, playable.facts, from_ms=from_tick * _TICK_MS))
        with self._changed:
            self._child = child
            if self._closed or self._restarting:
                child.end()
        picture, lag = self._card, PICTURE_GONE_TICKS
        for piece in read_nut(child.output):
            with self._changed:
                match piece:
                    case Began():
                        self._has_sound = piece.sound
                        lag = PICTURE_GONE_TICKS if piece.picture else 0
                    case Pictured():
                        picture = piece.picture
                        self._add_picture(base + piece.index, picture)
                    case Heard():
                        self._buffer.sound.append(base * SAMPLES_PER_TICK + piece.start, piece.sound)
                        for tick in range(self._buffer.past, self._buffer.sound_past - lag):
                            self._add_picture(tick, picture)
                self._primed = self._primed or self._buffer.depth >= READY_TICKS

    def _add_picture(self, tick: int, picture: av.VideoFrame) -> None:
        while self._buffer.depth >= AHEAD_TICKS and not (self._closed or self._restarting):
            self._changed.wait()
        self._buffer.add_picture(tick, picture)
