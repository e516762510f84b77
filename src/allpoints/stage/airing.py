"""One item, on air once: its states as a table, and the record that stays of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from allpoints.schedule.model import SourceRef


class AiringState(enum.StrEnum):
    """Where an airing stands. "On air" means that the mixer saw a frame leave, not that a button was pressed."""

    CUED = "cued"
    TAKING = "taking"
    ON_AIR = "on_air"
    LEAVING = "leaving"
    AIRED = "aired"
    DROPPED = "dropped"


class AiringEvent(enum.StrEnum):
    """What can happen to an airing: TAKE, UNCUE, TAKEN_OUT by people or auto-next, the rest by the mixer."""

    TAKE = "take"
    UNCUE = "uncue"
    TAKEN_OUT = "taken_out"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    LOST = "lost"


TABLE: Mapping[AiringState, Mapping[AiringEvent, AiringState]] = {
    AiringState.CUED: {
        AiringEvent.TAKE: AiringState.TAKING,
        AiringEvent.UNCUE: AiringState.DROPPED,
        AiringEvent.LOST: AiringState.DROPPED,
    },
    AiringState.TAKING: {
        AiringEvent.FIRST_FRAME: AiringState.ON_AIR,
        AiringEvent.TAKEN_OUT: AiringState.DROPPED,
        AiringEvent.LOST: AiringState.DROPPED,
    },
    AiringState.ON_AIR: {
        AiringEvent.TAKEN_OUT: AiringState.LEAVING,
        AiringEvent.LOST: AiringState.AIRED,
    },
    AiringState.LEAVING: {
        AiringEvent.LAST_FRAME: AiringState.AIRED,
        AiringEvent.LOST: AiringState.AIRED,
    },
    AiringState.AIRED: {},
    AiringState.DROPPED: {},
}
"""The whole life of an airing as data. A pair that is not listed changes nothing."""

FINAL = frozenset(state for state, exits in TABLE.items() if not exits)


@dataclass(frozen=True)
class Airing:
    """A frozen copy of what was to air, with its times. ``title`` is as it was when cued.

    ``item`` is None for an ad-lib of a bare source. ``ended_by`` names the event that ended it. ``origin_tick`` is
    when its item began by the clock: before ``started_tick`` where it was joined late or came back after a loss.
    """

    airing: str
    item: str | None
    title: str
    source: SourceRef
    state: AiringState = AiringState.CUED
    commanded_at: datetime | None = None
    started_tick: int | None = None
    ended_tick: int | None = None
    ended_by: str = ""
    origin_tick: int | None = None

    def after(self, event: AiringEvent, tick: int, at: datetime) -> Airing:
        """This airing after ``event`` at ``tick``; itself where the table lists no such change."""
        state = TABLE[self.state].get(event)
        if state is None:
            return self
        changed = replace(self, state=state)
        if event is AiringEvent.TAKE:
            changed = replace(changed, commanded_at=at)
        if state is AiringState.ON_AIR:
            origin_tick = tick if self.origin_tick is None else self.origin_tick
            changed = replace(changed, started_tick=tick, origin_tick=origin_tick)
        if state in FINAL:
            changed = replace(changed, ended_tick=tick, ended_by=changed.ended_by or event.value)
        elif state is AiringState.LEAVING:
            changed = replace(changed, ended_by=event.value)
        return changed
