"""The owner of what is on air and next: commands and the clock in, airings out. Lives on the mixer's thread."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from allpoints.contribute.source import Feed, SourceState
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef
from allpoints.stage import protocol as said
from allpoints.stage.airing import Airing, AiringEvent, AiringState
from allpoints.stage.bus import Layer, ProgramBus
from allpoints.stage.desk import Sources
from allpoints.stage.infallible import Guarded, Slate, SlateFeed
from allpoints.stage.journal import Recollection
from allpoints.stage.logbook import Logbook
from allpoints.stage.lower_thirds import LowerThirds
from allpoints.stage.rules import NothingNext, NotReady, TakeHistory, UnknownItem, guard
from allpoints.stage.rundown import Rundown, RundownItem

SLATE = SourceRef("slate")
OPENING_LIMIT_TICKS = 4 * TICKS_PER_SECOND
ADOPTING_LIMIT_TICKS = 20 * TICKS_PER_SECOND
NAME_AFTER_TICKS = TICKS_PER_SECOND


@dataclass
class Playing:
    """An airing with the feed that plays it. ``give_up_tick``: TAKING fails when no picture came by then."""

    airing: Airing
    row: RundownItem | None
    feed: Feed
    guarded: Guarded | None = None
    transition: said.Transition = "cut"
    give_up_tick: int = 0


class Director:
    """Takes, cues, panics; auto-next; what happens when a source ends or is lost.

    ``handle`` answers a request, ``before`` and ``after`` are called around each tick of the bus. ``on_dump`` makes
    the decision to dump durable; the stage does not know who holds things back.
    """

    def __init__(
        self,
        *,
        rundown: Rundown,
        sources: Sources,
        slate: Slate,
        loss_grace: float,
        log: Logbook,
        lower_thirds: LowerThirds,
        clock: Clock,
        on_dump: Callable[[int], None],
    ) -> None:
        self.rundown = rundown
        self.sources = sources
        self.slate = slate
        self.log = log
        self.bus = ProgramBus(slate, SLATE)
        self.on_air: Playing | None = None
        self.taking: Playing | None = None
        self.next: Playing | None = None
        self.auto_next = False
        self._grace = loss_grace
        self._lower_thirds = lower_thirds
        self._clock = clock
        self._on_dump = on_dump
        self._history = TakeHistory()
        self._leaving: dict[str, Playing] = {}
        self.returning: Playing | None = None
        self._name_at_tick: int | None = None
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(3)

    @property
    def tick(self) -> int:
        """The tick that is decided on now."""
        return self.log.tick

    # What people ask

    def handle(self, request: said.Request) -> said.Reply:
        """Carry out one request; refusals come back as sentences, never as exceptions."""
        try:
            return self._carry_out(request)
        except AllpointsError as refusal:
            return said.Reply(
                ok=False,
                airing=self._on_air_name(),
                refusal=said.Refusal(refusal.code, refusal.status, refusal.for_people, refusal.values),
            )

    def _carry_out(self, request: said.Request) -> said.Reply:
        airing = self._on_air_name()
        match request:
            case said.Take():
                airing = self._take(request)
            case said.Cue():
                airing = self._cue_named(request)
            case said.Panic():
                self.log.act(request.by, "panic")
                self._retreat()
            case said.Dump():
                self.log.act(request.by, "dump")
                self._retreat()
                self._on_dump(self.tick)
            case said.ArmAutoNext():
                self.arm(request.armed)
                self.log.act(request.by, "arm" if request.armed else "disarm")
            case said.RestartSource():
                self.log.act(request.by, "restart", request.source)
                self.sources.restart(SourceRef(request.source))
            case said.LowerThird():
                self._show_name(request)
            case said.Watch():
                pass
        self.log.changed = True
        return said.Reply(ok=True, airing=airing)

    def _take(self, request: said.Take) -> str | None:
        if made := self._history.airing_of(request.key):
            return made
        guard(request, self._on_air_name(), self._history, self._clock.monotonic())
        if self.next is None:
            raise NothingNext
        status = self.next.feed.status()
        if status.state not in (SourceState.READY, SourceState.OPENING):
            raise NotReady(title=self.next.airing.title, reason=status.code or status.state.value)
        airing = self.next.airing.airing
        self._history = self._history.taken(request.key, airing, self._clock.monotonic())
        self.log.act(request.by, "take", self.next.airing.title)
        self._start_taking(request.transition)
        return airing

    def _cue_named(self, request: said.Cue) -> str:
        row = self.rundown.find(request.item) if request.item else None
        if row is not None:
            cued = self._cue(row, row.title, row.source)
        elif request.source in {SLATE, *(desk_row.status.ref for desk_row in self.sources.rows())}:
            cued = self._cue(None, str(request.source), SourceRef(str(request.source)))
        else:
            raise UnknownItem(name=request.item or request.source or "")
        self.log.act(request.by, "cue", cued.airing.title)
        return cued.airing.airing

    def _show_name(self, request: said.LowerThird) -> None:
        self.log.act(request.by, "lower_third", request.title)
        if request.title:
            self._lower_thirds.show(request.title, request.subtitle, self.tick)
        else:
            self._lower_thirds.clear()

    # Around each tick

    def before(self, tick: int) -> None:
        """Decide what the bus shows at ``tick``."""
        self.log.tick = tick
        if self.next is not None:
            self.next.feed.idle_tick()
        self._advance_taking()
        self._advance_returning()
        if self.auto_next and self.taking is None and self._plan_is_over():
            self._auto_take()
        if self._name_at_tick is not None and tick >= self._name_at_tick and self.on_air and self.on_air.row:
            self._name_at_tick = None
            if self.on_air.row.lower_third:
                self._lower_thirds.show(*self.on_air.row.lower_third, tick)

    def after(self, left: list[Layer]) -> None:
        """Take note of what the bus showed: first and last frames, ends and losses."""
        playing = self.on_air
        if playing and playing.guarded:
            if playing.airing.state is AiringState.TAKING and playing.guarded.delivered:
                self._change(playing, AiringEvent.FIRST_FRAME)
            elif playing.guarded.spent:
                self._source_is_over(playing)
        for layer in left:
            if gone := self._leaving.pop(layer.name, None):
                self._change(gone, AiringEvent.LAST_FRAME)
                gone.feed.close()

    def adopt(self, memory: Recollection, tick: int) -> None:
        """Come back after a restart: the item that the plan has on air *now* is taken as soon as it has a picture."""
        self.log.tick = tick
        self.auto_next = bool(memory.auto_next)
        if memory.airing is None:
            self._cue_after(self.rundown.find(memory.item) if memory.item else None)
            return
        item, source = memory.airing.get("item"), str(memory.airing["source"])
        row = self.rundown.find(item) if item else None
        if row is not None and self.auto_next:
            due = self.rundown.due(row.item, int(memory.airing["started_tick"]), tick)
            row = due[0] if due else row
        if row is not None:
            self._cue(row, row.title, row.source)
        else:
            self._cue(None, str(memory.airing["title"]), SourceRef(source))
        self._start_taking("cut", ADOPTING_LIMIT_TICKS)

    def begin(self) -> None:
        """Run the rundown by the clock from its first item: what a gathering without a director does."""
        self.arm(True)
        if self.next is not None:
            self._start_taking("cut", ADOPTING_LIMIT_TICKS)

    # The parts of it

    def _on_air_name(self) -> str | None:
        return self.on_air.airing.airing if self.on_air else None

    def _cue(self, row: RundownItem | None, title: str, source: SourceRef) -> Playing:
        if self.next is not None:
            self._change(self.next, AiringEvent.UNCUE)
            self.next.feed.close()
        name = f"{self._run}-{next(self._numbers)}"
        feed = SlateFeed(self.slate, source) if source == SLATE else self.sources.open(source)
        self.next = Playing(Airing(name, row.item if row else None, title, source), row, feed)
        self.log.note(self.next.airing)
        return self.next

    def _cue_after(self, row: RundownItem | None) -> None:
        following = self.rundown.after(row.item if row else None)
        if following is not None:
            self._cue(following, following.title, following.source)

    def _start_taking(self, transition: said.Transition, limit: int = OPENING_LIMIT_TICKS) -> None:
        assert self.next is not None
        if self.taking is not None:
            self._drop_taking(AiringEvent.TAKEN_OUT)
        self.taking, self.next = self.next, None
        self.taking.transition = transition
        self.taking.give_up_tick = self.tick + limit
        self._change(self.taking, AiringEvent.TAKE)
        if self.taking.row is not None:
            self._cue_after(self.taking.row)
        self._advance_taking()

    def _advance_taking(self) -> None:
        """Put what is being taken on the bus once it has a first picture; give up when none comes."""
        taking = self.taking
        if taking is None:
            return
        state = taking.feed.status().state
        if state is SourceState.READY:
            self._leave_current()
            taking.guarded = Guarded(taking.feed, self.slate.picture, self._grace)
            self.bus.take(taking.guarded, taking.airing.airing, taking.transition)
            self.on_air, self.taking = taking, None
            self._forget_return()
            if taking.row and taking.row.lower_third:
                self._name_at_tick = self.tick + NAME_AFTER_TICKS
        elif state is SourceState.REFUSED or self.tick > taking.give_up_tick:
            self._drop_taking(AiringEvent.LOST)

    def _drop_taking(self, event: AiringEvent) -> None:
        assert self.taking is not None
        self._change(self.taking, event)
        self.taking.feed.close()
        self.taking = None

    def _leave_current(self) -> None:
        """The airing that is on goes out; its layer tells when its last frame left."""
        if self.on_air is not None:
            event = AiringEvent.TAKEN_OUT
            self._change(self.on_air, event)
            self._leaving[self.on_air.airing.airing] = self.on_air
            self.on_air = None
        self._name_at_tick = None
        self._lower_thirds.clear()

    def _retreat(self) -> None:
        """To slate, now: a cut that nothing can refuse."""
        self.arm(False)
        if self.taking is not None:
            self._drop_taking(AiringEvent.TAKEN_OUT)
        self._forget_return()
        self._to_slate()

    def _to_slate(self) -> None:
        self._leave_current()
        if self.bus.top.name != SLATE:
            self.bus.take(self.slate, SLATE, "cut")

    def _plan_is_over(self) -> bool:
        playing = self.returning or self.on_air
        if playing is None or playing.row is None or playing.row.ticks is None:
            return False
        started = playing.airing.started_tick
        return started is not None and self.tick >= started + playing.row.ticks

    def _auto_take(self) -> bool:
        if self.next is None or self.next.feed.status().state is not SourceState.READY:
            return False
        self.log.act("auto-next", "take", self.next.airing.title)
        self._start_taking("mix")
        return True

    def _source_is_over(self, playing: Playing) -> None:
        """A file came to its end, or a source was lost for longer than its grace."""
        ended = playing.feed.status().state is SourceState.ENDED
        if ended:
            if not (self.auto_next and self._auto_take()) and self.taking is None:
                self._to_slate()
            return
        self._change(playing, AiringEvent.LOST)
        self.on_air = None
        self.returning = playing
        self._lower_thirds.clear()
        self.bus.take(self.slate, SLATE, "cut")

    def _advance_returning(self) -> None:
        """A lost source that is back: an armed auto-next takes the same item again, as a new airing."""
        lost = self.returning
        if lost is None:
            return
        lost.feed.idle_tick()
        if not self.auto_next or self.taking is not None or lost.feed.status().state is not SourceState.READY:
            return
        self.returning = None
        name = f"{self._run}-{next(self._numbers)}"
        again = Airing(name, lost.airing.item, lost.airing.title, lost.airing.source)
        self.taking = Playing(again, lost.row, lost.feed, give_up_tick=self.tick + OPENING_LIMIT_TICKS)
        self.taking.transition = "mix"
        self.log.act("auto-return", "take", again.title)
        self._change(self.taking, AiringEvent.TAKE)
        self._advance_taking()

    def _forget_return(self) -> None:
        if self.returning is not None:
            self.returning.feed.close()
            self.returning = None

    def arm(self, armed: bool) -> None:
        """Arm or disarm auto-next."""
        if armed != self.auto_next:
            self.auto_next = armed
            self.log.armed(armed)

    def _change(self, playing: Playing, event: AiringEvent) -> None:
        playing.airing = self.log.after(playing.airing, event)
