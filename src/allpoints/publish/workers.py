"""Threads that encode: one for each video rendition, one for all sound. The mixer only ever queues."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import av

from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.publish.encoders import AudioEncoder, Prepared, VideoEncoder
from allpoints.publish.ladder import AudioRung, Rung, Slot, VideoRung
from allpoints.publish.units import UnitBuilder
from allpoints.stage.tap import ProgramTick

BACKLOG_TICKS = 2 * TICKS_PER_SECOND
"""An encoder this far behind will not catch up by itself."""


@dataclass(frozen=True)
class RunStart:
    """The next ticks belong to a new run."""

    tick: int


class RunEnd:
    """No more ticks in this run: units in progress are dropped."""


class Stop:
    """End the thread."""


Work = ProgramTick | RunStart | RunEnd | Stop
Deliver = Callable[[Rung, Slot, bytes], None]
"""Called with each finished unit."""


class Worker:
    """Encodes some rungs on a thread of its own.

    ``offer`` never blocks; it answers False when the backlog is full or an encoder failed (``failure`` says how), and
    the owner then ends the run: the next one begins with new encoders.
    """

    def __init__(
        self,
        rungs: Sequence[Rung],
        prepared: Mapping[str, Prepared],
        parted: Callable[[Rung], bool],
        deliver: Deliver,
    ) -> None:
        self._rungs = rungs
        self._prepared = prepared
        self._parted = parted
        self._deliver = deliver
        self._work: queue.Queue[Work] = queue.Queue()
        self._encoders: list[tuple[Rung, VideoEncoder | AudioEncoder, UnitBuilder]] = []
        self.failure: str | None = None
        name = "encode " + " ".join(rung.name for rung in rungs)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def backlog_ticks(self) -> int:
        """How far it is behind the program."""
        return self._work.qsize()

    def offer(self, work: Work) -> bool:
        """Queue work; ticks are refused beyond the backlog, all else is always taken."""
        if isinstance(work, ProgramTick) and (self.failure or self.backlog_ticks >= BACKLOG_TICKS):
            return False
        if isinstance(work, RunStart):
            self.failure = None  # here, not on the thread: the run's first tick is offered before that gets to it
        self._work.put(work)
        return True

    def stop(self) -> None:
        """Finish what is queued and end."""
        self._work.put(Stop())
        self._thread.join(5.0)

    def _run(self) -> None:
        while not isinstance(work := self._work.get(), Stop):
            try:
                self._carry_out(work)
            except (av.FFmpegError, ValueError) as failure:
                self.failure = f"an encoder failed: {failure}"
                self._close()
        self._close()

    def _carry_out(self, work: ProgramTick | RunStart | RunEnd) -> None:
        match work:
            case ProgramTick() as program:
                self._encode(program)
            case RunStart(tick):
                self._close()
                self._encoders = [self._open(rung, tick) for rung in self._rungs]
            case RunEnd():
                self._close()

    def _open(self, rung: Rung, tick: int) -> tuple[Rung, VideoEncoder | AudioEncoder, UnitBuilder]:
        encoder = VideoEncoder(rung) if isinstance(rung, VideoRung) else AudioEncoder(rung, tick)
        # Slate and every run must fit one init segment: encoders are deterministic, and here it would show.
        if encoder.init != self._prepared[rung.name].init:
            raise ValueError(f"{rung.name}: the encoder's headers changed")
        return rung, encoder, UnitBuilder(rung, self._parted(rung))

    def _close(self) -> None:
        for _, encoder, _ in self._encoders:
            encoder.close()
        self._encoders = []

    def _encode(self, program: ProgramTick) -> None:
        for rung, encoder, builder in self._encoders:
            if isinstance(encoder, VideoEncoder) and isinstance(rung, VideoRung):
                samples = encoder.encode(program.clean if rung.is_clean else program.picture, program.tick)
            elif isinstance(encoder, AudioEncoder):
                samples = encoder.encode(program.sound)
            for sample in samples:
                if unit := builder.add(sample):
                    self._deliver(rung, *unit)


def workers_for(
    rungs: Sequence[Rung], prepared: Mapping[str, Prepared], parted: Callable[[Rung], bool], deliver: Deliver
) -> list[Worker]:
    """One worker for each video rung, one for all audio rungs."""
    sound = [rung for rung in rungs if isinstance(rung, AudioRung)]
    groups: list[Sequence[Rung]] = [[rung] for rung in rungs if isinstance(rung, VideoRung)]
    return [Worker(group, prepared, parted, deliver) for group in (*groups, sound) if group]
