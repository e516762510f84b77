"""Hears of the other machine twice a second, on a thread of its own: a network that hangs holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from allpoints.kernel.clock import Clock
from allpoints.publish.air import Air, Role
from allpoints.publish.peer import Peer, PeerRefuses, PeerSilent, PeerState
from allpoints.publish.takeover import Signs

EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 0.8


@dataclass(frozen=True)
class Heard:
    """What is known of the peer. ``state`` is the last it said, however long ago; ``trouble`` why there is no newer;
    ``asked`` counts the requests that were answered or given up."""

    signs: Signs
    state: PeerState | None = None
    trouble: str = ""
    refused: bool = False
    asked: int = 0
    answered_at: datetime | None = None

    @property
    def clocks_differ_ms(self) -> int | None:
        """How far the peer's wall clock is ahead of ours, give or take the time that its answer took."""
        if self.state is None or self.answered_at is None:
            return None
        return round((self.state.at - self.answered_at).total_seconds() * 1000)


class Hearing:
    """``own`` is what the peer is told of us; ``on_state`` is called with each new state, on this thread."""

    def __init__(
        self, peer: Peer, clock: Clock, own: Callable[[], Air], on_state: Callable[[PeerState], None]
    ) -> None:
        self._peer = peer
        self._clock = clock
        self._own = own
        self._on_state = on_state
        self._heard = Heard(Signs.begin(clock.monotonic()))
        self._asking_since: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hear the peer", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; does not wait for an answer that is on its way."""
        self._stopping.set()

    def now(self) -> Heard:
        """What is known now. A request that hangs counts as many that were missed in the meantime. Any thread."""
        heard, since = self._heard, self._asking_since
        overdue = 0 if since is None else int((self._clock.monotonic() - since) / (2 * PATIENCE_SECONDS))
        if not overdue:
            return heard
        signs = replace(heard.signs, missed=heard.signs.missed + overdue)
        return replace(heard, signs=signs, asked=heard.asked + overdue)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._asking_since = began = self._clock.monotonic()
            self._heard = self._ask(self._heard)
            self._asking_since = None
            self._stopping.wait(max(0.05, began + EVERY_SECONDS - self._clock.monotonic()))
        self._peer.close()

    def _ask(self, before: Heard) -> Heard:
        asked = before.asked + 1
        try:
            state = self._peer.state(self._own())
        except PeerSilent as silent:
            return replace(before, signs=before.signs.not_heard(), trouble=silent.sentence(), asked=asked)
        except PeerRefuses as refusal:
            # It lives and has another key: a sign of life, or a typing error would put two stages on air.
            now = self._clock.monotonic()
            signs = before.signs.heard(now, before.signs.newest + 1)
            return Heard(signs, None, refusal.sentence(), refused=True, asked=asked)
        self._on_state(state)
        if state.air.role is Role.ON_AIR:
            signs = before.signs.heard(self._clock.monotonic(), state.newest)
        else:
            signs = before.signs.not_heard()
        return Heard(signs, state, asked=asked, answered_at=self._clock.now())
