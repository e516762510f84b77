"""The stage in words for the crew: a report built from what the director holds."""

from __future__ import annotations

from datetime import datetime

from allpoints.contribute.source import SourceState
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline
from allpoints.stage import protocol as said
from allpoints.stage.director import Director
from allpoints.stage.program import SLATE, Playing


def build_report(
    director: Director,
    timeline: Timeline,
    now: datetime,
    program_level: tuple[float, float],
    publication: said.Publication,
    health: said.StageHealth,
) -> said.StageReport:
    """What every screen of the crew shows, at the director's current tick."""
    ends_tick = _planned_end(director.on_air)
    return said.StageReport(
        at=now,
        tick=director.tick,
        on_air=_on_air(director, timeline, ends_tick, program_level),
        next=_next(director.next),
        auto_next_armed=director.auto_next,
        auto_next_at=timeline.instant_of(ends_tick) if director.auto_next and ends_tick is not None else None,
        rundown=[
            said.RundownRow(
                item=row.item,
                chapter=row.chapter,
                title=row.title,
                source=row.source,
                duration_ms=None if row.ticks is None else row.ticks * 1000 // TICKS_PER_SECOND,
                state=director.log.last_states[row.item].value if row.item in director.log.last_states else None,
            )
            for row in director.rundown.items
        ],
        sources=_sources(director),
        publication=publication,
        actions=list(director.log.actions),
        health=health,
    )


def _planned_end(playing: Playing | None) -> int | None:
    """The tick at which the plan, or else the source itself, ends what is on air."""
    if playing is None or playing.airing.origin_tick is None or playing.row is None or playing.row.ticks is None:
        return None
    return playing.airing.origin_tick + playing.row.ticks


def _on_air(
    director: Director, timeline: Timeline, ends_tick: int | None, level: tuple[float, float]
) -> said.OnAir:
    playing = director.taking or director.on_air
    on_slate = director.bus.top.name == SLATE
    if playing is None:
        return said.OnAir(None, None, "", None, "on_air", None, None, on_slate, level)
    airing = playing.airing
    if ends_tick is not None:
        remaining_ms: int | None = max(0, ends_tick - director.tick) * 1000 // TICKS_PER_SECOND
    else:
        remaining_ms = playing.feed.status().remaining_ms
    started = airing.started_tick
    return said.OnAir(
        airing=airing.airing,
        item=airing.item,
        title=airing.title,
        source=airing.source,
        state=airing.state.value,
        started_at=None if started is None else timeline.instant_of(started),
        remaining_ms=remaining_ms,
        on_slate=on_slate,
        level_db=level,
    )


def _next(playing: Playing | None) -> said.Next | None:
    if playing is None:
        return None
    status = playing.feed.status()
    ready = status.state is SourceState.READY
    reasons = [] if ready else [status.code or status.state.value]
    return said.Next(playing.airing.item, playing.airing.title, playing.airing.source, ready, reasons)


def _sources(director: Director) -> list[said.SourceReport]:
    on_air = director.on_air.airing.source if director.on_air else None
    cued = director.next.airing.source if director.next else None
    return [
        said.SourceReport(
            ref=row.status.ref,
            name=row.name,
            kind=row.kind,
            state=row.status.state.value,
            code=row.status.code,
            values=dict(row.status.values),
            log=row.status.log,
            level_db=row.status.level_db,
            on_air=row.status.ref == on_air,
            next=row.status.ref == cued,
        )
        for row in director.sources.rows()
    ]
