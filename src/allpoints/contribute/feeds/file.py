"""A file that plays: read ahead of the mixer, held back by the pipe."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import av

from allpoints.contribute.children import Child, Children
from allpoints.contribute.conform import file_arguments
from allpoints.contribute.demux import Began, Heard, Pictured
from allpoints.contribute.facts import MediaFacts
from allpoints.contribute.feeds.buffer import TickBuffer
from allpoints.contribute.refusals import MediaBroken
from allpoints.contribute.source import Moment, SourceState, SourceStatus
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.supervision import Backoff
from allpoints.kernel.timeline import SAMPLES_PER_TICK, TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef

AHEAD_TICKS = 20
READY_TICKS = 3
PICTURE_GONE_TICKS = 75
"""How far sound may run ahead before its picture is taken to have ended and is held."""

NO_PICTURE_TICKS = 250
"""How far sound may run ahead of the first picture before the card takes its place: an encoder's delay, few pictures
a second and FFmpeg's own read-ahead add up to more than two seconds."""

LOST_TICKS = 5
"""Ticks without a picture after which a file is lost: its child died or hangs, or the machine is too slow."""

SOUND_LAG_TICKS = 12
"""How far sound may be behind its picture where a new child goes on; what lags more has ended."""

NEAR_END_MS = 200
"""How near its end a file is over also when its child ended badly."""

FRUITLESS = 3
"""How often a child may end in the middle without having brought anything."""

_TICK_MS = 1000 // TICKS_PER_SECOND


@dataclass(frozen=True)
class Playable:
    """A file that may be aired, and what is known of it."""

    path: Path
    facts: MediaFacts


class FileFeed:
    """Plays a file from ``from_ticks`` after its start. ``card`` is shown where the file has no picture of its own.

    A looping file is opened anew at its end, early enough that the next round follows without a hole: FFmpeg's own
    looping lets sound and picture slip by up to 20 ms a round. A child that dies in the middle is followed by another
    that goes on where it was; mostly what was read ahead is enough to hide it. If not, the file's time goes on
    meanwhile, so that it stays where the clock is.
    """

    def __init__(
        self, ref: SourceRef, playable: Future[Playable], children: Children, clock: Clock, *,
        card: av.VideoFrame, loop: bool = False, from_ticks: int = 0,
    ) -> None:
        self._ref = ref
        self._playable = playable
        self._children = children
        self._clock = clock
        self._card = card
        self._loop = loop
        self._from_ticks = from_ticks
        self._changed = threading.Condition()
        self._buffer = TickBuffer()
        self._has_sound = False
        self._child: Child | None = None
        self._refusal: AllpointsError | None = None
        self._duration_ms: int | None = None
        self._round_began = 0
        self._primed = self._over = self._closed = self._restarting = False
        self._missed = self._behind = 0  # ticks since the last one delivered; of these, those not made up for

    def start(self) -> None:
        """Open the file on the feed's own thread."""
        threading.Thread(target=self._run, name=f"feed {self._ref}", daemon=True).start()

    def pull(self) -> Moment | None:
        """The next tick, or None: opening, at its end, or because decoding is behind."""
        with self._changed:
            if not self._has_next():
                self._miss()
                return None
            self._missed = self._behind = 0
            moment = self._buffer.take()
            self._changed.notify()
            return moment

    def idle_tick(self) -> None:
        """Nothing: the pipe holds a file back; but the time of one that was lost on air goes on."""
        with self._changed:
            if not self._missed:
                return
            if self._has_next():
                self._buffer.take()
                self._changed.notify()
            else:
                self._miss()

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
        """End it all; returns at once. Nothing of what was read ahead stays: it is some thirty megabytes."""
        with self._changed:
            self._closed = True
            self._buffer = TickBuffer()
            self._end_child()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    def _miss(self) -> None:
        if self._primed and not self._over:
            self._missed += 1
            self._behind += 1

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
        if self._missed >= LOST_TICKS and self._buffer.depth < READY_TICKS:
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
            if not self._play(playable):
                raise MediaBroken(name=playable.path.name)
        except AllpointsError as refused:
            refusal = refused
        except (OSError, RuntimeError):  # no process to be had, or the desk is closing
            refusal = MediaBroken(name=str(self._ref))
        with self._changed:
            self._refusal = refusal
            self._over = self._primed = True
            if self._closed:
                self._child = None

    def _play(self, playable: Playable) -> bool:
        """Rounds of the file, one after the other, until it is over; whether anything ever came of it."""
        first = from_tick = self._first_tick()
        with self._changed:
            self._buffer.begin(first)
        backoff = Backoff(calm=10.0)
        fruitless = 0
        while not self._is_at_end(from_tick):
            before = self._buffer.end
            backoff.started(self._clock.monotonic())
            exit_code = self._play_once(playable, from_tick)
            with self._changed:
                if self._closed:
                    return True
                if self._restarting:
                    self._restarting = False
                    from_tick = self._buffer.playhead - self._round_began
                    self._buffer.begin(self._buffer.playhead)
                    continue
                fruitless = 0 if self._buffer.end > before else fruitless + 1
                if exit_code == 0 or self._gives_up(exit_code, fruitless):
                    from_tick, self._round_began = 0, self._buffer.end
                    if not self._loop or self._buffer.end == before:
                        return self._buffer.end > first
                else:
                    self._changed.wait_for(lambda: self._closed or self._restarting, backoff.next_delay())
                    from_tick = self._go_on()
        return True

    def _first_tick(self) -> int:
        """Where to begin: a looping file somewhere in its round."""
        length = (self._duration_ms or 0) // _TICK_MS
        return self._from_ticks % length if self._loop and length else self._from_ticks

    def _is_at_end(self, tick: int) -> bool:
        """Whether ``tick`` of a round lies at the file's end, as far as that is known, or later."""
        return 0 < (self._duration_ms or 0) - NEAR_END_MS <= tick * _TICK_MS

    def _gives_up(self, exit_code: int, fruitless: int) -> bool:
        """Whether a file is taken to be over because its children end badly. One that plays and whose children are
        killed is not, as long as its end is known to lie ahead: the machine may have memory again in a minute."""
        is_killed = exit_code < 0 and self._primed and self._duration_ms is not None
        return fruitless >= FRUITLESS and not is_killed

    def _go_on(self) -> int:
        """Where in this round another child goes on: where what was read ends, or where the clock is by now."""
        buffer = self._buffer
        read = buffer.past
        if self._has_sound and 0 < read - buffer.sound_past <= SOUND_LAG_TICKS:
            read = buffer.sound_past
        due = buffer.playhead + self._behind
        if due > read:
            buffer.begin(due)
            read, self._behind = due, 0
        return read - self._round_began

    def _play_once(self, playable: Playable, from_tick: int) -> int:
        """Play to the end of what one child sends; its exit code."""
        base = self._round_began + from_tick
        child = self._children.run(file_arguments(playable.path, playable.facts, from_ms=from_tick * _TICK_MS))
        with self._changed:
            self._child = child
            if self._closed or self._restarting:
                child.end()
        picture, lag = self._card, NO_PICTURE_TICKS
        for piece in child.pieces():
            with self._changed:
                match piece:
                    case Began():
                        self._has_sound = piece.sound
                        lag = NO_PICTURE_TICKS if piece.picture else 0
                    case Pictured():
                        picture, lag = piece.picture, PICTURE_GONE_TICKS
                        self._add_picture(base + piece.index, picture)
                    case Heard():
                        self._buffer.sound.append(base * SAMPLES_PER_TICK + piece.start, piece.sound)
                        for tick in range(self._buffer.past, self._buffer.sound_past - lag):
                            self._add_picture(tick, picture)
                self._primed = self._primed or self._buffer.depth >= READY_TICKS
        return child.exit_code()

    def _add_picture(self, tick: int, picture: av.VideoFrame) -> None:
        while self._buffer.depth >= AHEAD_TICKS and not (self._closed or self._restarting):
            self._changed.wait()
        if not self._closed:
            self._buffer.add_picture(tick, picture)
