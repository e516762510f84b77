"""The clock of the stage: one picture and 1,920 samples every 40 ms, whatever happens around it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta

from allpoints.contribute.source import Moment
from allpoints.kernel.clock import Clock
from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT, Timeline, next_segment_start
from allpoints.stage.asking import answer
from allpoints.stage.director import Director
from allpoints.stage.journal import RESERVE_TICKS, Journal
from allpoints.stage.lower_thirds import LowerThirds
from allpoints.stage.protocol import Reply, Request
from allpoints.stage.tap import ProgramTap, ProgramTick

HOPELESS_TICKS = 2 * TICKS_PER_SECOND
"""A mixer that is this late (the machine slept, the process was stopped) does not rush through what it missed: it
announces a hole by ending its run and starts a new one."""

LONGEST_START = TICKS_PER_SEGMENT / TICKS_PER_SECOND
"""Seconds from the start of a run to its first tick, at most: the time to the next segment boundary."""

LONGEST_SILENCE = 0.2
"""Seconds that the loop sleeps at once, so that whoever listens hears it also before the first tick."""

Command = tuple[Request, "Future[Reply]"]


@dataclass
class Lateness:
    """How late ticks began, for health and benchmarks: milliseconds of the last 1,000 ticks."""

    recent: list[float]

    def add(self, milliseconds: float) -> None:
        self.recent.append(milliseconds)
        if len(self.recent) > 1_000:
            del self.recent[:500]

    def percentile(self, share: float) -> float:
        return self.percentiles(share)[0]

    def percentiles(self, *shares: float) -> list[float]:
        """In milliseconds; zeros where nothing has ticked yet. Sorted here: numpy takes four times as long for it."""
        ordered = sorted(self.recent) or [0.0]
        return [ordered[round(share / 100 * (len(ordered) - 1))] for share in shares]


class Mixer:
    """The owner loop: takes commands between ticks, renders the bus, hands each tick to the taps.

    ``starts_at`` answers with the first tick that may be used, given the tick that the wall clock shows; it is asked
    at each start of a run. ``on_tick`` sees each moment of program (pictures and meters for the crew); ``on_turn`` is
    called for as long as the loop turns.
    """

    def __init__(
        self,
        director: Director,
        lower_thirds: LowerThirds,
        taps: Sequence[ProgramTap],
        journal: Journal,
        clock: Clock,
        timeline: Timeline,
        starts_at: Callable[[int], int],
        on_tick: Callable[[int, Moment], None],
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self.director = director
        self.lateness = Lateness([])
        self._lower_thirds = lower_thirds
        self._taps = taps
        self._journal = journal
        self._clock = clock
        self._timeline = timeline
        self._starts_at = starts_at
        self._on_tick = on_tick
        self._on_turn = on_turn
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._reserved_until = -1
        self._used_until = -1
        self._began: tuple[datetime, float] | None = None
        self._wall_ahead = self._wall_over_monotonic()

    def ask(self, request: Request) -> Future[Reply]:
        """Hand a request to the mixer; it is carried out before the next tick. Any thread may call."""
        future: Future[Reply] = Future()
        self._commands.put((request, future))
        return future

    @property
    def clock_step_ms(self) -> int:
        """How far the wall clock was stepped since the stage started; forward is positive. Ticks never follow."""
        return round((self._wall_over_monotonic() - self._wall_ahead) * 1000)

    def _wall_over_monotonic(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def stop(self) -> None:
        """End after the current tick."""
        self._stopping.set()

    def run(self) -> None:
        """Run until ``stop``: one run of ticks after another. Blocks its thread."""
        while not self._stopping.is_set():
            now = self._timeline.tick_at(self._now())
            start = next_segment_start(max(now + 1, self._starts_at(now), self._used_until + 1))
            self._reserve(start, wait=True)
            self._journal.append("run", start)
            if self._used_until >= 0:
                self.director.rejoin(start)
            for tap in self._taps:
                tap.run_started(start)
            self._run_from(start)
            for tap in self._taps:
                tap.run_ended()

    def _run_from(self, start: int) -> None:
        """Tick until stopped or hopelessly late."""
        # A clock that went back would have us wait for it: then ticks run ahead of the wall, and nobody waits.
        ahead = (self._timeline.instant_of(start) - self._now()).total_seconds()
        began = self._clock.monotonic() + min(max(0.0, ahead), LONGEST_START)
        self._began = self._timeline.instant_of(start), began
        tick = start
        while not self._stopping.is_set():
            due = began + (tick - start) / TICKS_PER_SECOND
            self._wait_until(due)
            late = self._clock.monotonic() - due
            if late * TICKS_PER_SECOND > HOPELESS_TICKS:
                return
            self.lateness.add(late * 1000)
            self._used_until = tick
            self._one(tick)
            tick += 1

    def _wait_until(self, due: float) -> None:
        self._on_turn()
        while (left := due - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, LONGEST_SILENCE))
            self._on_turn()

    def _now(self) -> datetime:
        """The wall clock as it was at the first run, moved on by monotonic time: who sets it later moves nothing."""
        if self._began is None:
            return self._clock.now()
        instant, at = self._began
        return instant + timedelta(seconds=self._clock.monotonic() - at)

    def _one(self, tick: int) -> None:
        director = self.director
        director.log.tick = tick
        while not self._commands.empty():
            request, future = self._commands.get()
            future.set_result(answer(director, request))
        director.before(tick)
        moment, left = director.bus.render()
        director.after(left)
        picture = self._lower_thirds.over(moment.picture, tick)
        program = ProgramTick(tick, picture, moment.sound, moment.picture)
        for tap in self._taps:
            tap.program(program)
        self._on_tick(tick, Moment(picture, moment.sound))
        if tick + RESERVE_TICKS // 2 > self._reserved_until:
            self._reserve(tick)

    def _reserve(self, tick: int, *, wait: bool = False) -> None:
        """Reserve ticks durably ahead, so that a journal that lags can never lead to a name used twice.

        At a run's start this waits for the disk, but no longer than a second: where the disk is dead, the names in
        the memory folder still tell what was used.
        """
        self._reserved_until = tick + RESERVE_TICKS
        self._journal.append("reserved", tick, until=self._reserved_until)
        if wait:
            self._journal.settled(1.0)
