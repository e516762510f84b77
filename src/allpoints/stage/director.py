"""The owner of what is on air and next: commands and the clock in, airings out. Lives on the mixer's thread."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable

from allpoints.contribute.source import SourceState
from allpoints.kernel.clock import Clock
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.schedule.model import SourceKind, SourceRef
from allpoints.stage import protocol as said
from allpoints.stage.airing import Airing, AiringEvent, AiringState
from allpoints.stage.bus import Layer, ProgramBus
from allpoints.stage.desk import Sources
from allpoints.stage.infallible import Slate, SlateFeed
from allpoints.stage.journal import Recollection
from allpoints.stage.logbook import Logbook
from allpoints.stage.lower_thirds import LowerThirds
from allpoints.stage.program import SLATE, Playing, Program
from allpoints.stage.returning import Returning
from allpoints.stage.rules import NothingNext, NotReady, TakeHistory, UnknownItem, guard
from allpoints.stage.rundown import Rundown, RundownItem

OPENING_LIMIT_TICKS = 4 * TICKS_PER_SECOND
ADOPTING_LIMIT_TICKS = 20 * TICKS_PER_SECOND


class Director:
    """Takes, cues, panics; auto-next; what happens when a source ends or is lost.

    ``before`` and ``after`` are called around each tick of the bus. ``on_dump`` makes the decision to dump durable;
    the stage does not know who holds things back.
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
        self.program = Program(slate, loss_grace, log, lower_thirds)
        self.taking: Playing | None = None
        self.next: Playing | None = None
        self.auto_next = False
        self._owes_a_take = False  # auto-next found NEXT without a picture when it was time
        self.returning = Returning()
        self._lower_thirds = lower_thirds
        self._clock = clock
        self._on_dump = on_dump
        self._history = TakeHistory()
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(3)

    @property
    def tick(self) -> int:
        """The tick that is decided on now."""
        return self.log.tick

    @property
    def bus(self) -> ProgramBus:
        """What the audience gets."""
        return self.program.bus

    @property
    def on_air(self) -> Playing | None:
        """What is on air; None while slate is."""
        return self.program.on_air

    # What people ask; ``asking`` understands their words

    def take(self, request: said.Take) -> str | None:
        """Put NEXT on air; returns the airing. Raises a refusal."""
        if made := self._history.airing_of(request.key):
            return made
        guard(request, self.program.airing, self._history, self._clock.monotonic())
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

    def cue(self, request: said.Cue) -> str:
        """Prepare an item or a bare source as NEXT; returns the airing. Raises UnknownItem."""
        row = self.rundown.find(request.item) if request.item else None
        if row is not None:
            cued = self._cue(row, row.title, row.source)
        elif self._knows(request.source):
            cued = self._cue(None, str(request.source), SourceRef(str(request.source)))
        else:
            raise UnknownItem(name=request.item or request.source or "")
        self.log.act(request.by, "cue", cued.airing.title)
        return cued.airing.airing

    def retreat(self, by: str, verb: str) -> None:
        """To slate, now: a cut that nothing can refuse."""
        self.log.act(by, verb)
        self.arm(False)
        if self.taking is not None:
            self._drop_taking(AiringEvent.TAKEN_OUT)
        self.returning.forget()
        self.program.to_slate()

    def dump(self, by: str) -> None:
        """Retreat, and remove what is held back. Raises what making that durable raises."""
        self.retreat(by, "dump")
        self._on_dump(self.tick)

    def arm(self, armed: bool) -> None:
        """Arm or disarm auto-next."""
        if armed != self.auto_next:
            self.auto_next = armed
            self._owes_a_take = False
            self.log.armed(armed)

    def show_name(self, title: str, subtitle: str, by: str) -> None:
        """Show a name graphic; none where ``title`` is empty."""
        self.log.act(by, "lower_third", title)
        if title:
            self._lower_thirds.show(title, subtitle, self.tick)
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
        if self.auto_next and self.taking is None and (self._owes_a_take or self._plan_is_over()):
            self._auto_take()
        self.program.before(tick)

    def after(self, left: list[Layer]) -> None:
        """Take note of what the bus showed: first and last frames, ends and losses."""
        playing = self.on_air
        if playing and playing.guarded:
            if playing.airing.state is AiringState.TAKING and playing.guarded.delivered:
                self.program.change(playing, AiringEvent.FIRST_FRAME)
            elif playing.guarded.spent:
                self._source_is_over(playing)
        self.program.after(left)

    def adopt(self, memory: Recollection, tick: int) -> None:
        """Come back after a restart whose first tick is ``tick``: the item that the plan has on air *now* is joined
        where it is by now, as soon as it has a picture. A live source that was lost waits for a person."""
        self.log.tick = tick
        self.auto_next = bool(memory.auto_next)
        known = self.rundown.find(memory.item) if memory.item else None
        airing = memory.airing
        if airing is None or not (self.auto_next or not memory.is_lost or self._is_file(SourceRef(airing["source"]))):
            self._owes_a_take = self.auto_next and known is not None
            self._cue_after(known)
            return
        origin = airing.get("origin_tick")
        began = int(airing["started_tick"] if origin is None else origin)
        self._join(airing.get("item"), str(airing["title"]), SourceRef(airing["source"]), began)

    def rejoin(self, tick: int) -> None:
        """Go on at ``tick`` after the whole machine slept: the plan and files are where the clock is by now."""
        self.log.tick = tick
        if self.on_air is None or self.on_air.airing.origin_tick is None or self.taking is not None:
            return
        airing = self.on_air.airing
        if self._plan_is_over() or self._is_file(airing.source):
            self._join(airing.item, airing.title, airing.source, self.on_air.airing.origin_tick)

    def begin(self) -> None:
        """Run the rundown by the clock from its first item: what a gathering without a director does."""
        self.arm(True)
        if self.next is not None:
            self._start_taking("cut", ADOPTING_LIMIT_TICKS)

    # The parts of it

    def _join(self, item: str | None, title: str, source: SourceRef, origin_tick: int) -> None:
        """Take what began at ``origin_tick``; with auto-next armed, what the plan has followed it with."""
        row = self.rundown.find(item) if item else None
        if row is not None and self.auto_next:
            due = self.rundown.due(row.item, origin_tick, self.tick)
            if due is None:  # the rundown ended meanwhile
                self.program.to_slate()
                return
            row, origin_tick = due
        if row is not None:
            title, source = row.title, row.source
        if self._knows(source):
            self._cue(row, title, source, origin_tick)
            self._start_taking("cut", ADOPTING_LIMIT_TICKS)
        else:
            self._cue_after(row)

    def _knows(self, source: str | None) -> bool:
        return source in {SLATE, *(desk_row.status.ref for desk_row in self.sources.rows())}

    def _is_file(self, source: SourceRef) -> bool:
        return any(row.status.ref == source and row.kind == SourceKind.FILE for row in self.sources.rows())

    def _cue(
        self, row: RundownItem | None, title: str, source: SourceRef, origin_tick: int | None = None
    ) -> Playing:
        if self.next is not None:
            self.program.change(self.next, AiringEvent.UNCUE)
            self.next.feed.close()
        since = 0 if origin_tick is None else max(0, self.tick - origin_tick)
        feed = SlateFeed(self.slate, source) if source == SLATE else self.sources.open(source, since)
        airing = Airing(self._new_name(), row.item if row else None, title, source, origin_tick=origin_tick)
        self.next = Playing(airing, row, feed)
        self.log.note(airing)
        return self.next

    def _new_name(self) -> str:
        return f"{self._run}-{next(self._numbers)}"

    def _cue_after(self, row: RundownItem | None) -> None:
        following = self.rundown.after(row.item if row else None)
        if following is not None:
            self._cue(following, following.title, following.source)

    def _start_taking(self, transition: said.Transition, limit: int = OPENING_LIMIT_TICKS) -> None:
        assert self.next is not None
        if self.taking is not None:
            self._drop_taking(AiringEvent.TAKEN_OUT)
        self._owes_a_take = False
        self.taking, self.next = self.next, None
        self.taking.transition = transition
        self.taking.give_up_tick = self.tick + limit
        self.program.change(self.taking, AiringEvent.TAKE)
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
            self.program.put_on(taking)
            self.taking = None
            self.returning.forget()
        elif state in (SourceState.REFUSED, SourceState.ENDED) or self.tick > taking.give_up_tick:
            self._drop_taking(AiringEvent.LOST)
            self._owes_a_take = self.auto_next and self.on_air is None

    def _drop_taking(self, event: AiringEvent) -> None:
        assert self.taking is not None
        self.program.change(self.taking, event)
        self.taking.feed.close()
        self.taking = None

    def _plan_is_over(self) -> bool:
        playing = self.returning.lost or self.on_air
        return playing is not None and playing.is_over(self.tick)

    def _auto_take(self) -> bool:
        if self.next is None or self.next.feed.status().state is not SourceState.READY:
            return False
        self.log.act("auto-next", "take", self.next.airing.title)
        self._start_taking("mix")
        return True

    def _source_is_over(self, playing: Playing) -> None:
        """A file came to its end, or a source was lost for longer than its grace."""
        if playing.feed.status().state is not SourceState.ENDED:
            source = playing.airing.source
            self.returning.wait_for(self.program.lose(), self.tick, by_itself=self._is_file(source))
        elif not (self.auto_next and self._auto_take()) and self.taking is None:
            self.program.to_slate()
            self._owes_a_take = self.auto_next

    def _advance_returning(self) -> None:
        """A lost source that is back: the same item is taken again, as a new airing that began when it did."""
        state = None if self.taking is not None else self.returning.look(self.tick, armed=self.auto_next)
        if state is SourceState.READY:
            lost = self.returning.back(self.tick)
            again = Airing(
                self._new_name(), lost.airing.item, lost.airing.title, lost.airing.source,
                origin_tick=lost.airing.origin_tick,
            )
            self.taking = Playing(again, lost.row, lost.feed, give_up_tick=self.tick + OPENING_LIMIT_TICKS)
            self.taking.transition = "mix"
            self.log.act("auto-return", "take", again.title)
            self.program.change(self.taking, AiringEvent.TAKE)
            self._advance_taking()
        elif state is not None:
            self.returning.forget()
            self._owes_a_take = self.auto_next
