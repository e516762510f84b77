"""A whole stage without codecs or waiting: the real mixer and director on a clock that moves by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from allpoints.contribute.source import Moment
from allpoints.kernel.clock import ManualClock
from allpoints.kernel.timeline import Timeline, next_segment_start
from allpoints.schedule.model import SourceRef
from allpoints.stage.director import Director
from allpoints.stage.infallible import Slate
from allpoints.stage.journal import Journal, recollect
from allpoints.stage.logbook import Logbook
from allpoints.stage.lower_thirds import LowerThirds
from allpoints.stage.mixer import Mixer
from allpoints.stage.protocol import Reply, Request
from allpoints.stage.rundown import Rundown, RundownItem
from allpoints.stage.tap import ProgramTick
from tests.stand_ins.stage import RememberingTap, TestSources, plain_picture

EPOCH = datetime(2031, 5, 2, tzinfo=UTC)
SLATE_SHADE = 16


class Theatre(RememberingTap):
    """Runs ``ticks`` ticks; ``script`` maps the number of a tick to what happens right after it."""

    def __init__(self, folder: Path, sources: TestSources, rows: list[tuple[str, int | None]], *, loops: bool = False,
                 now: datetime = EPOCH) -> None:
        super().__init__()
        self.clock = ManualClock(now)
        self.timeline = Timeline(EPOCH)
        self.sources = sources
        self.replies: list[Future[Reply]] = []
        self.dumps: list[int] = []
        self.path = folder / "stage.jsonl"
        self.journal = Journal(self.path)
        lower_thirds = LowerThirds()
        self.director = Director(
            rundown=Rundown(
                [RundownItem(f"item-{n}", "c", f"title {n}", SourceRef(ref), ticks)
                 for n, (ref, ticks) in enumerate(rows)], loops,
            ),
            sources=sources, slate=Slate(plain_picture(SLATE_SHADE)), loss_grace=0.25,
            log=Logbook(self.journal, self.timeline), lower_thirds=lower_thirds, clock=self.clock,
            on_dump=self.dumps.append,
        )
        self.mixer = Mixer(
            self.director, lower_thirds, [self], self.journal, self.clock, self.timeline,
            starts_at=lambda wall: wall, on_tick=self._after_tick,
        )
        self._script: Mapping[int, Callable[[], object]] = {}
        self._until = 0

    def play(self, ticks: int, script: Mapping[int, Callable[[], object]] | None = None) -> None:
        """Run; the script's numbers count from the first tick of this call."""
        self._script, self._until, self._count = script or {}, ticks, 0
        memory = recollect(self.path)
        self.journal.start()
        self.director.adopt(memory, next_segment_start(self.timeline.tick_at(self.clock.now()) + 1))
        self.mixer.run()
        self.journal.close()

    def _after_tick(self, tick: int, moment: Moment) -> None:
        if action := self._script.get(self._count):
            action()
        self._count += 1
        if self._count >= self._until:
            self.mixer.stop()

    def ask(self, request: Request) -> Callable[[], None]:
        """A step of the script that sends ``request``; replies are kept in order."""
        return lambda: self.replies.append(self.mixer.ask(request))

    def reply(self, number: int) -> Reply:
        return self.replies[number].result(1.0)

    def program(self, program: ProgramTick) -> None:
        super().program(program)
