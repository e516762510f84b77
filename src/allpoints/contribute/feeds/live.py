"""A live publisher: a small buffer against jitter, a quick word when it is gone, and a patient return."""

from __future__ import annotations

import contextlib
import enum
import socket
import threading
from collections import deque
from pathlib import Path

import av

from allpoints.contribute.children import Child, Children
from allpoints.contribute.conform import live_arguments
from allpoints.contribute.demux import Began, Heard, Pictured
from allpoints.contribute.feeds.buffer import TickBuffer
from allpoints.contribute.feeds.jitter import TARGET_TICKS, DepthWatch
from allpoints.contribute.source import Moment, SourceState, SourceStatus
from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import Backoff
from allpoints.kernel.timeline import SAMPLES_PER_TICK
from allpoints.schedule.model import SourceRef

STALLED_AFTER = 0.4
HEALTHY_AFTER = 1.0
LOOK_EVERY = 0.1
REFILL_TICKS = 3
LAST_TICKS = 3
MOST_TICKS = 75
SOUND_GONE_TICKS = 12
BURST = 0.2
BURST_PICTURES = 8


class Line(enum.Enum):
    """How a live source stands with its publisher."""

    NEVER = enum.auto()  # no picture yet since it was cued
    GOOD = enum.auto()
    LOST = enum.auto()


class LiveFeed:
    """Plays what a publisher sends, a quarter of a second behind it.

    ``at`` is the Unix socket of the source's relay; it is there while somebody publishes. A loss is declared once
    nothing is left to play and the connection is gone, or no picture has come for 0.4 s; then the source must have
    been healthy for a second before it is ready again.
    """

    def __init__(
        self, ref: SourceRef, at: Path, children: Children, clock: Clock, *, card: av.VideoFrame
    ) -> None:
        self._ref = ref
        self._at = at
        self._children = children
        self._clock = clock
        self._card = card
        self._lock = threading.Lock()
        self._buffer = TickBuffer()
        self._watch = DepthWatch()
        self._line = Line.NEVER
        self._connected = self._begun = self._has_sound = self._on_air = self._refilling = False
        self._last_picture_at = float("-inf")
        self._healthy_since: float | None = None
        self._arrived_at: deque[float] = deque(maxlen=BURST_PICTURES)
        self._child: Child | None = None
        self._log = ""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed {ref}", daemon=True)

    def start(self) -> None:
        """Look for the publisher on the feed's own thread."""
        self._thread.start()

    def pull(self) -> Moment | None:
        """The next tick; None while nothing is there or the source is not ready."""
        with self._lock:
            if self._judge() is not SourceState.READY:
                self._buffer.trim(TARGET_TICKS)
                self._on_air = False
                return None
            if not self._on_air:
                self._on_air = True
                self._watch.reset()
                self._buffer.trim(TARGET_TICKS)
            depth = self._depth()
            self._refilling = self._connected and depth < (REFILL_TICKS if self._refilling else 1)
            if depth == 0 or self._refilling:
                return None
            correction = self._watch.correction(depth) if self._connected else 0
            if correction < 0:
                return self._buffer.hold()
            return self._buffer.take(min(correction, depth - 1))

    def idle_tick(self) -> None:
        """Keep the buffer at its target, so that a take is not late."""
        with self._lock:
            self._on_air = False
            self._buffer.trim(TARGET_TICKS)
            self._judge()

    def preview(self) -> av.VideoFrame | None:
        """The picture that a take would show first."""
        with self._lock:
            return self._buffer.front

    def status(self) -> SourceStatus:
        """State, level and the child's last word."""
        with self._lock:
            state = self._judge()
            log = self._child.log if self._child and self._child.log else self._log
            return SourceStatus(self._ref, state, log=log, level_db=self._buffer.level)

    def restart(self) -> None:
        """End the child; the next one is started at once."""
        with self._lock:
            if self._child is not None:
                self._child.end()

    def close(self) -> None:
        """End it all; returns at once. Nothing of what was buffered stays."""
        self._closing.set()
        with self._lock:
            self._buffer = TickBuffer()
        self.restart()

    @property
    def closed(self) -> bool:
        """Whether it has been closed."""
        return self._closing.is_set()

    def _depth(self) -> int:
        """Ticks that can be played. Sound a little behind its picture is waited for; sound that stopped is not."""
        buffer = self._buffer
        behind = buffer.depth - buffer.sound_depth
        if not (self._has_sound and self._connected) or behind > SOUND_GONE_TICKS:
            return buffer.depth
        return min(buffer.depth, buffer.sound_depth)

    def _judge(self) -> SourceState:
        """The state now; called at least once a tick, so that losses are noticed in time."""
        now = self._clock.monotonic()
        flowing = self._connected and now - self._last_picture_at < STALLED_AFTER
        if not flowing:
            self._healthy_since = None
        match self._line:
            case Line.NEVER:
                if self._buffer.depth < TARGET_TICKS or not self._has_caught_up(now):
                    return SourceState.OPENING if self._connected else SourceState.WAITING
                self._line = Line.GOOD
            case Line.GOOD:
                # On air, what is left is played first; off air nothing is, so it tells nothing.
                if not flowing and (not self._on_air or self._refilling or self._depth() == 0):
                    self._line = Line.LOST
            case Line.LOST:
                healthy = self._healthy_since is not None and now - self._healthy_since >= HEALTHY_AFTER
                if healthy and self._has_caught_up(now):
                    self._line = Line.GOOD
        return SourceState.LOST if self._line is Line.LOST else SourceState.READY

    def _has_caught_up(self, now: float) -> bool:
        """Whether the burst is over that begins with the last key picture, some seconds ago."""
        since = self._healthy_since
        return since is not None and now - since >= BURST and self._arrived_at[0] <= now - BURST

    def _run(self) -> None:
        backoff = Backoff(first=LOOK_EVERY, limit=2.0, calm=10.0)
        while not self._closing.is_set():
            connection = connect(self._at)
            if connection is None:
                self._closing.wait(LOOK_EVERY)
                continue
            backoff.started(self._clock.monotonic())
            try:
                with connection:
                    child = self._children.run(live_arguments(), connection.fileno())
            except (OSError, RuntimeError) as error:
                self._log = str(error)
                self._closing.wait(backoff.limit)
                continue
            self._play(child)
            self._closing.wait(backoff.next_delay())

    def _play(self, child: Child) -> None:
        with self._lock:
            self._child, self._connected, self._begun = child, True, False
            if self.closed:
                child.end()
        has_picture = True
        for piece in child.pieces():
            with self._lock:
                match piece:
                    case Began():
                        has_picture, self._has_sound = piece.picture, piece.sound
                    case Pictured():
                        self._add_picture(piece.index, piece.picture)
                    case Heard():
                        first = piece.start // SAMPLES_PER_TICK
                        if not has_picture and not self._begun:
                            self._begin(first)
                        if self._begun:
                            self._buffer.sound.append(piece.start, piece.sound)
                        if not has_picture:
                            for tick in range(self._buffer.past, self._buffer.sound_past):
                                self._add_picture(tick, self._card)
        with self._lock:
            child.end()  # a damaged stream leaves it alive
            self._connected = False
            self._log = child.log or self._log
            # Whoever is cut off in the middle of a word is missed no less 0.1 s later; the slate must come in time.
            self._buffer.shorten(LAST_TICKS)

    def _add_picture(self, tick: int, picture: av.VideoFrame) -> None:
        if self.closed:
            return
        if not self._begun:
            self._begin(tick)
        self._buffer.add_picture(tick, picture)
        if self._buffer.depth > MOST_TICKS:
            self._buffer.trim(TARGET_TICKS)
        self._last_picture_at = self._clock.monotonic()
        self._arrived_at.append(self._last_picture_at)
        if self._healthy_since is None:
            self._healthy_since = self._last_picture_at

    def _begin(self, tick: int) -> None:
        self._buffer.begin(tick)
        self._begun = True


def connect(at: Path) -> socket.socket | None:
    """A connection to the relay at ``at``; None while nobody publishes, or while there is no descriptor for it."""
    with contextlib.suppress(OSError):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(at))
        except OSError:
            connection.close()
        else:
            return connection
    return None
