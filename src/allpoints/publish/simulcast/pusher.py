"""One receiver: called, fed, given up and called again, whatever the others do."""

from __future__ import annotations

from dataclasses import dataclass, field

from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import Backoff
from allpoints.publish.simulcast.backlog import Backlog
from allpoints.publish.simulcast.child import Child, Start
from allpoints.publish.simulcast.pieces import Piece
from allpoints.publish.simulcast.report import ReceiverState, State
from allpoints.publish.simulcast.wishes import Wish
from allpoints.schedule.model import Receiver

SLOW_SECONDS = 3.0
"""Nothing taken for so long is a stall."""
STALL_SECONDS = 10.0
"""After so long it is ended and called again."""
CONNECT_SECONDS = 20.0
IDLE_SECONDS = 10.0
"""With nothing to send for so long it is hung up on, before it does so itself."""
GOODBYE_SECONDS = 3.0
JUMP_MS = 15_000
"""Of program time, within a connection: further than a drop of the backlog jumps."""


def _patience() -> Backoff:
    return Backoff(first=1.0, limit=30.0, calm=90.0)


@dataclass
class Pusher:
    """The owner of one receiver's connection. ``offer`` and ``beat`` never wait."""

    receiver: Receiver
    start: Start
    clock: Clock
    _wish: Wish
    _state: State = "waiting"
    _backlog: Backlog = field(default_factory=Backlog)
    _backoff: Backoff = field(default_factory=_patience)
    _child: Child | None = None
    _leaving: Child | None = None
    _leaves_at: float = 0.0
    _opening: bytes | None = None
    _base: int = 0
    _last_time: int = 0
    _rest: memoryview = field(default_factory=lambda: memoryview(b""))
    _started_at: float = 0.0
    _taken_at: float = 0.0
    _heard_at: float = 0.0
    _retry_at: float = 0.0
    _bytes_before: int = 0
    _retries: int = 0
    _log: str = ""

    def __post_init__(self) -> None:
        self._since = self.clock.now()
        if not self.is_on:
            self._become("off")

    @property
    def is_on(self) -> bool:
        """Whether it is to be sent to."""
        return self._wish.sends_to(self.receiver)

    def state(self) -> ReceiverState:
        """How it is."""
        sent = self._bytes_before + (self._child.sent_bytes if self._child else 0)
        return ReceiverState(
            self.receiver.ref, self._state, self._since, sent, self._retries, self._backlog.dropped, self._log
        )

    def wish(self, wish: Wish) -> None:
        """Do what the crew wants."""
        before, self._wish = self._wish, wish
        if not self.is_on:
            self._hang_up(self.clock.monotonic())
            self._backlog.clear()
            self._become("off")
        elif self._state == "off" or wish.restarts != before.restarts:
            self._hang_up(self.clock.monotonic())
            self._backoff, self._retry_at = _patience(), 0.0
            self._become("waiting")

    def offer(self, piece: Piece) -> None:
        """The next piece of the program."""
        now = self.clock.monotonic()
        self._heard_at = now
        if self.is_on and (self._child or self._leaving or now >= self._retry_at):
            self._backlog.add(piece)

    def beat(self) -> None:
        """Do what is due."""
        now = self.clock.monotonic()
        self._see_off(now)
        if self._child is None and self._leaving is None and self.is_on:
            self._begin(now)
        if self._child is not None:
            self._feed(self._child, now)
        if self._child is not None:
            self._judge(self._child, now)

    def stop(self) -> None:
        """End what still runs."""
        for child in (self._child, self._leaving):
            if child is not None:
                child.kill()
        self._child = self._leaving = None

    def say_goodbye(self) -> None:
        """Send nothing more; ``beat`` until ``is_quiet``, then ``stop``."""
        self._wish = Wish(is_on=False)
        self._hang_up(self.clock.monotonic())

    @property
    def is_quiet(self) -> bool:
        """Whether nothing runs."""
        return self._child is None and self._leaving is None

    def _begin(self, now: float) -> None:
        self._backlog.skip_to_opening()
        piece = self._backlog.first()
        if piece is None:
            return
        self._backoff.started(now)
        self._child = self.start(self.receiver)
        self._opening, self._base, self._last_time = piece.opening, piece.time, piece.time
        self._rest = memoryview(piece.opening or b"")
        self._started_at = self._taken_at = now
        if self._state == "waiting":
            self._become("connecting")

    def _feed(self, child: Child, now: float) -> None:
        while True:
            if not self._rest:
                piece = self._backlog.first()
                if piece is None:
                    return
                is_other = piece.opening not in (None, self._opening)
                if is_other or piece.time - self._last_time > JUMP_MS:
                    self._hang_up(now)
                    return
                self._last_time = piece.time
                self._rest = memoryview(self._backlog.take().tag(self._base))
            count = child.write(self._rest)
            if not count:
                return
            self._taken_at = now
            self._rest = self._rest[count:]

    def _judge(self, child: Child, now: float) -> None:
        runs = child.look()
        self._log = child.last_line or self._log
        untaken = now - self._taken_at if self._rest else 0.0
        if not runs:
            self._lost(now, "connecting" if child.sent_bytes else "refused")
        elif not child.sent_bytes:
            if now - self._started_at > CONNECT_SECONDS:
                child.kill()
                self._lost(now, "refused")
        elif untaken > SLOW_SECONDS:
            self._become("stalled")
            if untaken > STALL_SECONDS:
                child.kill()
                self._lost(now, "stalled")
        elif now - self._heard_at > IDLE_SECONDS:
            self._hang_up(now)
            self._become("waiting")
        else:
            self._become("sending")

    def _lost(self, now: float, state: State) -> None:
        assert self._child is not None
        self._bytes_before += self._child.sent_bytes
        self._child = None
        self._backlog.clear()
        self._retries += 1
        self._retry_at = now + self._backoff.next_delay()
        self._become(state)

    def _hang_up(self, now: float) -> None:
        if self._child is not None:
            self._bytes_before += self._child.sent_bytes
            self._child.finish()
            self._leaving, self._child, self._leaves_at = self._child, None, now

    def _see_off(self, now: float) -> None:
        if self._leaving is None:
            return
        if not self._leaving.look():
            self._leaving = None
        elif now - self._leaves_at > GOODBYE_SECONDS:
            self._leaving.kill()
            self._leaving = None

    def _become(self, state: State) -> None:
        if state != self._state:
            self._state, self._since = state, self.clock.now()
