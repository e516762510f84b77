"""One of two machines: stands by and follows, takes the air, hands it over, or gives it up to who outranks it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from threading import Event as Flag

from msgspec.structs import replace

from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Log
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline, first_tick_of, next_segment_start, segment_of
from allpoints.publish.air import Air, Role, next_generation, read_air, write_air
from allpoints.publish.dumps import adopt_decisions
from allpoints.publish.follower import Follower
from allpoints.publish.hearing import PATIENCE_SECONDS, Hearing
from allpoints.publish.peer import Peer, PeerRefuses, PeerSilent, PeerState
from allpoints.publish.publisher import Publisher
from allpoints.publish.standing import HeardOf, Notes, Standing, Wanted, Wish
from allpoints.publish.takeover import LEAST_ASKED, Signs, begins_after, is_gone, stands_down
from allpoints.publish.telling import plan_digest
from allpoints.schedule.model import Gathering

TURN_SECONDS = 0.1
NOTE_EVERY = 0.5
ASKED_BEFORE_AIR = 2
"""How many requests a machine that had the air makes before it goes on: it may have lost it meanwhile."""

AGREED_AHEAD_TICKS = 3 * TICKS_PER_SECOND
"""How far ahead of the hand-over the two agree on its segment: the other has to start its mixer for it."""

START_AHEAD_SECONDS = 1.9
"""The mixer waits at most two seconds for its first tick; started any earlier, it would run ahead of the clock."""

CALLED_OFF_SECONDS = 4.0
"""Whoever agreed to take over and is not on air so long after its segment began will not come."""


class NoStandbyKey(AllpointsError):
    """A second machine is named, and no key that the two share."""

    code = "no_standby_key"
    for_people = "Two machines need a secret that both know. Set ALLPOINTS_STANDBY_KEY to the same on both."


def epoch_of_peer(settings: Settings, clock: Clock) -> datetime:
    """From when the machine that is to be followed counts time. Raises PeerSilent and PeerRefuses."""
    peer = Peer(settings.standby_of, settings.standby_key, timeout=4.0)
    try:
        return peer.state(Air(0, Role.STANDBY, "new", clock.now())).epoch
    finally:
        peer.close()


class Pair:
    """This machine's part in the pair. Owned by the stage's main thread, which calls ``turn`` or what waits."""

    def __init__(self, settings: Settings, folders: Folders, gathering: Gathering, clock: Clock, log: Log) -> None:
        self._address = settings.standby_of or settings.peer
        self._is_second = bool(settings.standby_of)
        self._limit = settings.takeover_after
        self._delay = settings.release_delay
        self._folders = folders
        self._gathering = gathering
        self._timeline = Timeline(gathering.epoch)
        self._plan = plan_digest(gathering)
        self._clock = clock
        self._log = log
        self._notes = Notes(folders)
        self._asked = Peer(self._address, settings.standby_key, timeout=PATIENCE_SECONDS)
        self._agreeing = Peer(self._address, settings.standby_key, timeout=4.0)
        self._copying = Peer(self._address, settings.standby_key, timeout=4.0)
        self._hearing = Hearing(self._asked, clock, lambda: self.air, self._tell_follower)
        self._follower: Follower | None = None
        self._noted_at = float("-inf")
        self._judged = 0
        self._said: set[str] = set()
        self._give_up_at: float | None = None
        self.air: Air

    def start(self, on_copied: Callable[[], None]) -> None:
        """Remember where we stand, and begin to hear the other. ``on_copied``: files of its came in while we lead."""
        self._on_copied = on_copied
        known = read_air(self._folders)
        role = Role.STANDBY if self._is_second else Role.ON_AIR
        generation = 0 if self._is_second else next_generation(0, is_second=False)
        self.air = known or Air(generation, role, secrets.token_hex(8), self._clock.now())
        self._write(replace(self.air, ends=None))
        for kind in (Wish, Wanted, HeardOf):
            self._notes.take(kind)
        self._hearing.start()

    def wait_for_air(self, turned: Callable[[], None], ending: Flag) -> bool:
        """Stand by until this machine has the air; False where it is told to end before."""
        if self.air.role is Role.ON_AIR:
            while self._hearing.now().asked < ASKED_BEFORE_AIR and self._hearing.now().state is None:
                if ending.wait(TURN_SECONDS):
                    return False
            if not stands_down(self.air, self._peer_air()):
                return True
            self._stand_by()
        self._say(f"stands by for {self._address}")
        self._follower = Follower(self._copying, self._folders, self._log.trouble, self._on_copied)
        self._follower.start()
        while not ending.wait(TURN_SECONDS):
            turned()
            self._note()
            if self._follow(turned, ending):
                return True
        return False

    def turn(self, publisher: Publisher) -> bool:
        """Look at the other machine while on air; True when it is over: the air is the other's."""
        self._note()
        peer = self._peer_air()
        if self.air.ends is None:
            if stands_down(self.air, peer):
                self._stand_by()
                return True
            wanted = self._notes.take(Wanted)
            if wanted is not None and wanted.generation > self.air.generation and publisher.last_tick >= 0:
                self._agree(publisher)
        elif stands_down(self.air, peer):
            heard = self._hearing.now()
            has_come = heard.state is not None and heard.state.newest >= self.air.ends
            has_died = is_gone(heard.signs, self._clock.monotonic(), self._limit, self._delay)
            if publisher.has_left and (has_come or has_died):
                self._stand_by()  # one that went on air and died is succeeded as any other: by who stands by
                return True
        elif self._give_up_at is not None and self._clock.monotonic() > self._give_up_at:
            self._say("nobody took the air that was handed over: this machine keeps it")
            publisher.leave_before(None)
            self._write(replace(self.air, ends=None))
        is_silent = self._hearing.now().signs.missed >= LEAST_ASKED
        if self._follower is not None and (is_silent or (peer is not None and peer.role is Role.STANDBY)):
            self._follower.stop()  # the other has released all that it had
            self._follower = None
        return False

    def stop(self) -> None:
        """Ask and copy no more."""
        self._hearing.stop()
        if self._follower is not None:
            self._follower.stop()

    # Standing by

    def _tell_follower(self, state: PeerState) -> None:
        if self._misfit(state):
            return
        try:  # who is on air may hold what the other decides to dump
            adopt_decisions(self._folders, state.dumps, now_tick=state.tick)
        except OSError as trouble:
            self._say_once(f"the other machine's DUMP cannot be written down: {trouble}")
        follower = self._follower
        if follower is not None and (follower.leads or state.air.role is Role.ON_AIR):
            follower.tell(state)

    def _follow(self, turned: Callable[[], None], ending: Flag) -> bool:
        heard = self._hearing.now()
        state = heard.state
        if state is not None and (misfit := self._misfit(state)):
            self._say_once(misfit)
            self._notes.take(Wish)
            return False
        if state is not None and state.air.generation > self.air.generation:
            self._write(replace(self.air, generation=state.air.generation))
        if heard.trouble:
            self._say_once(heard.trouble)
        wish = self._notes.take(Wish)
        by = wish.by if wish else state.offered_by if state else ""
        if by:
            return self._take_over(f"{by} asked for it", turned, ending, is_agreed=not heard.signs.missed)
        if heard.asked == self._judged or self.air.generation == 0 or heard.refused:
            return False  # nothing new was heard; or the other was never heard, and there is nothing to go on with
        self._judged = heard.asked
        if is_gone(heard.signs, self._clock.monotonic(), self._patience(state, heard.signs), self._delay):
            return self._take_over("the other machine gives no sign", turned, ending, is_agreed=False)
        return False

    def _patience(self, state: PeerState | None, signs: Signs) -> float:
        """Where both stand by, the first machine moves first."""
        both = state is not None and state.air.role is Role.STANDBY
        return self._limit * (2 if both and self._is_second else 1)

    def _take_over(self, why: str, turned: Callable[[], None], ending: Flag, *, is_agreed: bool) -> bool:
        assert self._follower is not None
        state = self._hearing.now().state
        heard_of = self._notes.read(HeardOf)
        seen = max(self.air.generation, state.air.generation if state else 0, heard_of.generation if heard_of else 0)
        generation = next_generation(seen, is_second=self._is_second)
        begins = begins_after(-1, state.newest if state else -1)
        if is_agreed:
            try:
                begins = self._agreeing.agree(generation).ends
            except (PeerSilent, PeerRefuses) as trouble:
                self._say(f"the air was not handed over: {trouble}")
                return False
        self._write(Air(generation, Role.ON_AIR, self.air.machine, self._clock.now(), begins))
        self._say(f"takes the air as generation {generation}: {why}")
        if is_agreed:
            due = self._timeline.instant_of(first_tick_of(begins))
            while (due - self._clock.now()).total_seconds() > START_AHEAD_SECONDS:
                turned()
                if ending.wait(TURN_SECONDS / 2):
                    return False
            self._follower.lead()
        else:
            self._follower.stop()
            self._follower.lead()  # waits until it has written what it was writing
            self._follower = None
        return True

    def _misfit(self, state: PeerState) -> str:
        """Why the other machine cannot be followed, in words; empty where it can."""
        if state.epoch != self._gathering.epoch:
            return "the other machine counts time from another epoch: remove the data folder here and start again"
        if state.plan != self._plan:
            self._say_once("the other machine has another plan: give both the same gathering file")
        return ""

    # On air

    def _peer_air(self) -> Air | None:
        """The other as we heard it, or as it introduced itself when it heard us: one direction is enough."""
        state = self._hearing.now().state
        told = self._notes.read(HeardOf)
        known = [state.air] if state else []
        if told is not None:
            known.append(Air(told.generation, told.role, told.machine, self.air.since))
        return max(known, key=lambda air: air.generation, default=None)

    def _agree(self, publisher: Publisher) -> None:
        ends = segment_of(next_segment_start(publisher.last_tick + AGREED_AHEAD_TICKS))
        publisher.leave_before(ends)
        ahead = (first_tick_of(ends) - publisher.last_tick) / TICKS_PER_SECOND
        self._give_up_at = self._clock.monotonic() + ahead + CALLED_OFF_SECONDS
        self._write(replace(self.air, ends=ends))
        self._notes.take(Wish)
        self._say(f"hands the air over at segment {ends}")

    def _stand_by(self) -> None:
        peer = self._peer_air()
        assert peer is not None
        now = self._clock.now()
        self._write(replace(self.air, role=Role.STANDBY, generation=peer.generation, since=now, ends=None))
        self._say(f"leaves the air to generation {peer.generation}")

    # Told

    def _write(self, air: Air) -> None:
        self.air = air
        write_air(self._folders, air)

    def _note(self) -> None:
        if self._clock.monotonic() < self._noted_at + NOTE_EVERY:
            return
        self._noted_at = self._clock.monotonic()
        heard, now = self._hearing.now(), self._clock.now()
        state = heard.state
        self._notes.leave(Standing(
            role=self.air.role, generation=self.air.generation, peer=self._address, at=now,
            heard_at=heard.answered_at, trouble=heard.trouble,
            peer_role=state.air.role if state else None, peer_generation=state.air.generation if state else None,
            clocks_differ_ms=heard.clocks_differ_ms,
        ))

    def _say(self, sentence: str) -> None:
        self._said.clear()
        self._log.say(Event.AIR, sentence)

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._log.trouble(sentence)
