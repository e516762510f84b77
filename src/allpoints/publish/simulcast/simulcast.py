"""Everybody outside at once: one reading of the released program for each rendition, one pusher for each receiver."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Level, Log
from allpoints.publish.air import is_on_air
from allpoints.publish.ladder import Ladder
from allpoints.publish.simulcast.child import FfmpegChild, Start
from allpoints.publish.simulcast.program import Program, Rendition
from allpoints.publish.simulcast.pusher import GOODBYE_SECONDS, Pusher
from allpoints.publish.simulcast.report import SimulcastReport, State, write_report
from allpoints.publish.simulcast.wishes import Wish, Wishes, read_wishes
from allpoints.schedule.model import Receiver

BEAT_SECONDS = 0.04
LOOK_SECONDS = 0.2
TOLD_SECONDS = 1.0
_TOLD: dict[State, tuple[str, Level]] = {
    "sending": ("takes the program", Level.INFO),
    "stalled": ("takes nothing; it is called again", Level.WARNING),
    "refused": ("does not let us in; it is called again", Level.WARNING),
    "connecting": ("hung up; it is called again", Level.WARNING),
    "off": ("is switched off", Level.INFO),
}


class Simulcast:
    """Sends the released program on. Call ``beat`` every ``BEAT_SECONDS``, from one long-lived thread."""

    def __init__(
        self, folders: Folders, ladder: Ladder, receivers: Sequence[Receiver], clock: Clock, log: Log,
        *, wishes: Wishes, start: Start = FfmpegChild.start,
    ) -> None:
        self._folders = folders
        self._clock = clock
        self._log = log
        self._pushers = [Pusher(receiver, start, clock, wishes.get(receiver.ref, Wish())) for receiver in receivers]
        served: dict[Rendition, list[Pusher]] = {}
        for pusher in self._pushers:
            served.setdefault(Rendition.wanted(pusher.receiver.rendition, ladder), []).append(pusher)
        self._programs = [(Program(folders, rendition), pushers) for rendition, pushers in served.items()]
        self._wishes = wishes
        self._look_at = self._tell_at = float("-inf")
        self._told: dict[str, State] = {}

    def beat(self) -> None:
        """Hand on what is due, look after each receiver, tell."""
        now = self._clock.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self._look(now * 1000)
        for program, pushers in self._programs:
            for piece in program.due(now * 1000):
                for pusher in pushers:
                    pusher.offer(piece)
        for pusher in self._pushers:
            pusher.beat()
        self._tell(now)

    def end(self) -> None:
        """Say goodbye to everybody and wait a moment for them."""
        for pusher in self._pushers:
            pusher.say_goodbye()
        until = self._clock.monotonic() + GOODBYE_SECONDS
        while self._clock.monotonic() < until and not all(pusher.is_quiet for pusher in self._pushers):
            for pusher in self._pushers:
                pusher.beat()
            self._clock.sleep(BEAT_SECONDS)
        for pusher in self._pushers:
            pusher.stop()

    def _look(self, now: float) -> None:
        if is_on_air(self._folders):  # a machine that stands by leaves it to the other: each receiver gets it once
            for program, _ in self._programs:
                program.look(now)
        wishes = read_wishes(self._folders)
        for pusher in self._pushers:
            ref = pusher.receiver.ref
            if (wish := wishes.get(ref, Wish())) != self._wishes.get(ref, Wish()):
                pusher.wish(wish)
        self._wishes = wishes

    def _tell(self, now: float) -> None:
        states = [pusher.state() for pusher in self._pushers]
        changed = [state for state in states if self._told.get(state.receiver) != state.state]
        if not changed and now < self._tell_at:
            return
        self._tell_at = now + TOLD_SECONDS
        for state in changed:
            if state.state in _TOLD and (state.state != "connecting" or state.retries):
                words, level = _TOLD[state.state]
                self._log.say(Event.RECEIVER, f"{state.receiver} {words}", level=level, receiver=state.receiver)
        self._told = {state.receiver: state.state for state in states}
        with contextlib.suppress(OSError):  # a full memory folder: the page says that nothing new is heard
            write_report(self._folders, SimulcastReport(self._clock.now(), states))
