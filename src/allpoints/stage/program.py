"""What is on air: the bus, the airing on it and those that fade out."""

from __future__ import annotations

from dataclasses import dataclass

import av

from allpoints.contribute.source import Feed
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.schedule.model import SourceRef
from allpoints.stage.airing import Airing, AiringEvent
from allpoints.stage.bus import Layer, ProgramBus
from allpoints.stage.infallible import Guarded, Slate
from allpoints.stage.logbook import Logbook
from allpoints.stage.lower_thirds import LowerThirds
from allpoints.stage.protocol import Transition
from allpoints.stage.rundown import RundownItem

SLATE = SourceRef("slate")
NAME_AFTER_TICKS = TICKS_PER_SECOND


@dataclass
class Playing:
    """An airing with the feed that plays it. ``give_up_tick``: TAKING fails when no picture came by then."""

    airing: Airing
    row: RundownItem | None
    feed: Feed
    guarded: Guarded | None = None
    transition: Transition = "cut"
    give_up_tick: int = 0

    def is_over(self, tick: int) -> bool:
        """Whether the plan ends it at ``tick`` or has ended it before."""
        began = self.airing.origin_tick
        return began is not None and self.row is not None and self.row.ticks is not None and (
            tick >= began + self.row.ticks
        )


class Program:
    """The director's hands on the bus. ``on_air`` is None while slate is on for want of anything else."""

    def __init__(self, slate: Slate, loss_grace: float, log: Logbook, lower_thirds: LowerThirds) -> None:
        self.bus = ProgramBus(slate, SLATE)
        self.on_air: Playing | None = None
        self._slate = slate
        self._grace = loss_grace
        self._log = log
        self._lower_thirds = lower_thirds
        self._leaving: dict[str, Playing] = {}
        self._name_at_tick: int | None = None

    @property
    def airing(self) -> str | None:
        """The name of the airing on air."""
        return self.on_air.airing.airing if self.on_air else None

    def put_on(self, playing: Playing) -> None:
        """Bring on what has a picture; what was on leaves."""
        self._leave()
        playing.guarded = Guarded(playing.feed, self.slate_picture, self._grace)
        self.bus.take(playing.guarded, playing.airing.airing, playing.transition)
        self.on_air = playing
        if playing.row and playing.row.lower_third and playing.airing.origin_tick is None:  # not one that comes back
            self._name_at_tick = self._log.tick + NAME_AFTER_TICKS

    def to_slate(self) -> None:
        """Slate with a cut; what was on leaves."""
        self._leave()
        if self.bus.top.name != SLATE:
            self.bus.take(self._slate, SLATE, "cut")

    def lose(self) -> Playing:
        """Slate, because what is on was lost; returns that, its feed still open."""
        assert self.on_air is not None
        lost, self.on_air = self.on_air, None
        self.change(lost, AiringEvent.LOST)
        self._name_at_tick = None
        self._lower_thirds.clear()
        self.bus.take(self._slate, SLATE, "cut")
        return lost

    def before(self, tick: int) -> None:
        """Show the name of who is on, when it is time."""
        if self._name_at_tick is not None and tick >= self._name_at_tick and self.on_air and self.on_air.row:
            self._name_at_tick = None
            if self.on_air.row.lower_third:
                self._lower_thirds.show(*self.on_air.row.lower_third, tick)

    def after(self, left: list[Layer]) -> None:
        """Take note of what the bus has shown for the last time."""
        for layer in left:
            if gone := self._leaving.pop(layer.name, None):
                self.change(gone, AiringEvent.LAST_FRAME)
                gone.feed.close()

    def change(self, playing: Playing, event: AiringEvent) -> None:
        """Note what happened to an airing."""
        playing.airing = self._log.after(playing.airing, event)

    @property
    def slate_picture(self) -> av.VideoFrame:
        """What is held before a feed's first picture."""
        return self._slate.picture

    def _leave(self) -> None:
        """The airing that is on goes out; its layer tells when its last frame left."""
        if self.on_air is not None:
            self.change(self.on_air, AiringEvent.TAKEN_OUT)
            self._leaving[self.on_air.airing.airing] = self.on_air
            self.on_air = None
        self._name_at_tick = None
        self._lower_thirds.clear()
