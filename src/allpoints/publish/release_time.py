"""When what is held may be released: once the program is further than the delay past its end."""

from __future__ import annotations

from dataclasses import dataclass

from allpoints.kernel.timeline import TICKS_PER_SECOND, first_tick_of
from allpoints.publish.ladder import Slot
from allpoints.publish.playlists import Run

GUARD_TICKS = 3
"""Beyond the delay itself. A coded AAC frame that starts before a boundary carries up to 2,047 samples (43 ms) of
what comes after it, an Opus packet 26 ms: released with the unit before the boundary, they would tell of a moment
that is still within the delay. Without a delay nothing is promised, and nothing waits."""


@dataclass(frozen=True)
class Position:
    """Where the program is: ``tick`` of ``run``; no run yet after a start."""

    run: Run | None
    tick: int


def age_ticks(slot: Slot, run: Run, now: Position) -> int:
    """For how many ticks a unit of ``run`` has been over.

    Within a run that is a difference of ticks. Between runs ticks jump as the wall clock was set, so what lies
    between their beginnings is taken from monotonic time. Where nobody noted it, after a reboot (monotonic time began
    anew) and for another generation's (another machine's time) it counts as nothing: the unit is held for the whole
    delay once more.
    """
    if now.run is None:
        return -1
    if run.segment == now.run.segment:
        return now.tick - slot.end_tick
    age = now.tick - first_tick_of(now.run.segment)
    if run.began is None or now.run.began is None or run.generation != now.run.generation:
        return age
    between = int((now.run.began - run.began) * TICKS_PER_SECOND)
    return age if between < 0 else age + between - (slot.end_tick - first_tick_of(run.segment))


def is_due(age: int, delay_ticks: int) -> bool:
    """Whether a unit of that age, in ticks, may be released."""
    return delay_ticks == 0 or age >= delay_ticks + GUARD_TICKS
