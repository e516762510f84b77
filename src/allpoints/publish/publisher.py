"""The tap that publishes: from ticks of program to released segments and playlists."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import msgspec

from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.kept import kept
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import (
    TICKS_PER_SECOND,
    TICKS_PER_SEGMENT,
    Timeline,
    first_tick_of,
    next_segment_start,
    segment_of,
)
from allpoints.publish import encoders, fragments, ladder
from allpoints.publish.dumps import DumpNotWritten, record_dump
from allpoints.publish.encoders import Prepared, prepare
from allpoints.publish.ladder import FIRST_GENERATION, LADDERS, Ladder, Rung, Slot
from allpoints.publish.releaser import Releaser
from allpoints.publish.workers import RunEnd, RunStart, Worker, workers_for
from allpoints.stage.protocol import Publication
from allpoints.stage.tap import ProgramTick

FLUSH_TICKS = 3
"""How many ticks more an encoder of sound is given at an end that was agreed on: a segment's last frame reaches up to
43 ms beyond it. What falls into the next segment is never whole, and so never handed on."""

TIMED_TICKS = 10 * TICKS_PER_SECOND
"""For how many ticks it is remembered when they were handed over."""


class Publisher:
    """Implements ``ProgramTap``. ``language`` is what the original sound is labelled with (BCP 47); ``ladder`` is
    another one than the settings name.

    ``on_trouble`` hears in words what the crew should know: an encoder that falls behind, a full memory folder.
    ``on_dump_elsewhere`` is called when somebody else decided to dump: what is on air has to be left and what was
    made since is to be dumped too.
    """

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        timeline: Timeline,
        clock: Clock,
        slate_picture: av.VideoFrame,
        *,
        language: str = "und",
        ladder: Ladder | None = None,
        on_trouble: Callable[[str], None] = lambda _: None,
        on_dump_elsewhere: Callable[[], None] = lambda: None,
    ) -> None:
        self._folders = folders
        self._settings = settings
        self._timeline = timeline
        self._clock = clock
        self._slate = slate_picture
        self._language = language
        self._on_trouble = on_trouble
        self._on_dump_elsewhere = on_dump_elsewhere
        ladder = ladder or LADDERS[settings.ladder]
        self._ladder = ladder.with_clean() if settings.record_clean else ladder
        self._prepared: dict[str, Prepared] = {}
        self._releaser: Releaser | None = None
        self._workers: list[Worker] = []
        self._resume_at: int | None = None
        self._begins_run = False
        self._leaves_at: int | None = None
        self._has_left = False
        self.last_tick = -1
        # A slot for each tick, written by the mixer and read by the release thread: nothing is walked through.
        self._tick_times: list[tuple[int, float]] = [(-1, 0.0)] * TIMED_TICKS
        self.part_latencies_ms: deque[float] = deque(maxlen=2_000)

    def prepare(self) -> None:
        """Encode the slate in every rendition, which takes about a second; touches nothing that is published."""
        rungs = self._ladder.made
        with ThreadPoolExecutor(2) as pool:
            slates = pool.map(self._prepare, rungs)
            self._prepared = dict(zip([rung.name for rung in rungs], slates, strict=True))

    def start(self, generation: int = FIRST_GENERATION) -> None:
        """Prepare what is not prepared, take over the shelves, start all threads.

        ``generation`` is in every name that is published: no two stages that might ever be on air at once have the
        same.
        """
        self._folders.make()
        rungs = self._ladder.made
        if not self._prepared:
            self.prepare()
        self._releaser = releaser = Releaser(
            self._folders,
            self._ladder,
            self._prepared,
            self._timeline,
            generation=generation,
            language=self._language,
            delay_ticks=round(self._settings.release_delay * TICKS_PER_SECOND),
            low_latency=self._settings.low_latency,
            retention_segments=self._settings.retention * TICKS_PER_SECOND // TICKS_PER_SEGMENT,
            on_release=self._note_latency,
            on_trouble=self._on_trouble,
            on_dump_elsewhere=self._on_dump_elsewhere,
        )
        releaser.start()
        self._workers = workers_for(
            rungs, self._prepared, lambda rung: self._settings.low_latency and rung.has_parts, releaser.finished
        )
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Finish what is encoded and stop. What is held stays held and is released by the next start."""
        for worker in self._workers:
            worker.stop()
        if self._releaser is not None:
            self._releaser.stop()

    # Another machine

    def leave_before(self, segment: int | None) -> None:
        """Make nothing from ``segment`` on, and go on releasing what was made before; None calls that off again, and
        a new run begins at the next boundary. Any thread may call."""
        self._leaves_at = None if segment is None else first_tick_of(segment)

    @property
    def has_left(self) -> bool:
        """Whether all that was made before the segment of ``leave_before`` is released or dumped."""
        late = round(self._settings.release_delay * TICKS_PER_SECOND) + TICKS_PER_SECOND
        return (self._has_left and self._leaves_at is not None and self.last_tick >= self._leaves_at + late
                and self._releaser is not None and not self._releaser.held_units)

    def look_again(self) -> None:
        """Files that another machine released were put into the public folder: list them. Any thread may call."""
        if self._releaser is not None:
            self._releaser.arrived()

    def dump(self, tick: int) -> None:
        """Decide to dump all that is not released at ``tick``. Where that cannot be written down now, nothing more is
        released until it is; only the death of this process could still undo it."""
        try:
            record_dump(self._folders, tick, retreated=True)
        except DumpNotWritten as trouble:
            assert self._releaser is not None
            self._releaser.dump(tick)
            self._on_trouble(f"DUMP could not be written down ({trouble.values['reason']}). Nothing more is released "
                             f"until it is; make room in {self._folders.memory}.")

    def _prepare(self, rung: Rung) -> Prepared:
        """What ``prepare`` prepares, from the memory folder where it was prepared before."""
        depends: list[str | bytes | Path] = [repr(rung), av.__version__, self._slate.to_ndarray().tobytes()]
        code = [Path(module.__file__ or "") for module in (encoders, fragments, ladder)]
        told = kept(
            self._folders, f"slate-{rung.name}", [*depends, *code],
            lambda: msgspec.msgpack.encode(prepare(rung, self._slate)),
        )
        return msgspec.msgpack.decode(told, type=Prepared)

    # ProgramTap

    def run_started(self, tick: int) -> None:
        self._resume_at, self._begins_run = None, True
        for worker in self._workers:
            worker.offer(RunStart(tick))

    def program(self, program: ProgramTick) -> None:
        assert self._releaser is not None
        self._tick_times[program.tick % TIMED_TICKS] = program.tick, self._clock.monotonic()
        self.last_tick = program.tick
        if self._leaves_at is not None and program.tick >= self._leaves_at + FLUSH_TICKS:
            if not self._has_left:
                self._has_left = True
                self.run_ended()
            self._releaser.now_tick = program.tick
            return
        if self._has_left:
            self._has_left, self._resume_at = False, next_segment_start(program.tick)
        if self._resume_at is not None and program.tick >= self._resume_at:
            self.run_started(program.tick)
        if self._begins_run:  # now, not when the run was announced: the age of what is held is counted from here
            self._releaser.run_started(segment_of(program.tick), self._clock.monotonic())
            self._begins_run = False
        self._releaser.now_tick = program.tick
        if self._resume_at is not None:
            return
        if refusing := [worker for worker in self._workers if not worker.offer(program)]:
            self._on_trouble(
                refusing[0].failure or "encoding is more than 2 s behind: this machine is too slow for the ladder"
            )
            self.run_ended()
            self._resume_at = next_segment_start(program.tick + TICKS_PER_SEGMENT)

    def run_ended(self) -> None:
        for worker in self._workers:
            worker.offer(RunEnd())

    # What the crew sees

    def publication(self) -> Publication:
        """What the audience gets, for the stage's report."""
        released = self._releaser.released_tick if self._releaser else None
        dumped = self._releaser.dumped_until_segment if self._releaser else -1
        return Publication(
            release_delay_ms=round(self._settings.release_delay * 1000),
            low_latency=self._settings.low_latency,
            released_tick=released,
            released_at=None if released is None else self._timeline.instant_of(released),
            dumped_until=None if dumped < 0 else first_tick_of(dumped + 1),
            renditions=[rung.name for rung in self._ladder.rungs],
            segments_released=self._releaser.segments_released if self._releaser else 0,
            holes=self._releaser.holes if self._releaser else 0,
            backlog_ticks=max((worker.backlog_ticks for worker in self._workers), default=0),
        )

    def _note_latency(self, rung: Rung, slot: Slot) -> None:
        """From the moment the mixer handed over a unit's last tick to its release, for the largest picture."""
        if rung is self._ladder.rungs[0]:
            tick, handed = self._tick_times[(slot.end_tick - 1) % TIMED_TICKS]
            if tick == slot.end_tick - 1:
                self.part_latencies_ms.append((self._clock.monotonic() - handed) * 1000)
