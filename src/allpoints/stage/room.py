"""The stage put together: what its process starts and stops."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import av

from allpoints.contribute.feeds.sound import level_db
from allpoints.contribute.source import Moment
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.priority import go_first
from allpoints.kernel.timeline import TICKS_PER_SECOND, Timeline
from allpoints.stage.airing import Airing
from allpoints.stage.control import ControlSocket
from allpoints.stage.desk import Sources
from allpoints.stage.director import Director
from allpoints.stage.infallible import Slate
from allpoints.stage.journal import Journal, Recollection, after_dump, recollect
from allpoints.stage.logbook import Logbook
from allpoints.stage.lower_thirds import LowerThirds
from allpoints.stage.mixer import Lateness, Mixer
from allpoints.stage.pictures import CrewPictures
from allpoints.stage.protocol import Publication, Reply, Request, StageHealth
from allpoints.stage.report import build_report
from allpoints.stage.rundown import Rundown
from allpoints.stage.stillness import Stillness
from allpoints.stage.tap import ProgramTap

REPORT_TICKS = TICKS_PER_SECOND // 5
PICTURE_TICKS = 8


class Stage:
    """One stage: a rundown and sources in, a program to ``taps`` out, directed over ``sockets/stage.sock``.

    ``starts_at`` maps the wall clock's tick and what the journal recollects to the first tick that may be used;
    ``publication`` tells what the audience gets; ``on_dump`` makes a decision to dump durable, and
    ``dumped_until_tick`` tells how far the decisions made so far reach. With ``auto_next`` the
    first start begins the rundown by itself. ``on_turn`` is called for as long as the mixer's loop turns.
    """

    def __init__(
        self,
        *,
        folders: Folders,
        clock: Clock,
        timeline: Timeline,
        rundown: Rundown,
        sources: Sources,
        slate_picture: av.VideoFrame,
        loss_grace: float,
        taps: Sequence[ProgramTap],
        starts_at: Callable[[int, Recollection], int],
        publication: Callable[[], Publication],
        on_dump: Callable[[int], None],
        dumped_until_tick: Callable[[], int],
        auto_next: bool = False,
        on_trouble: Callable[[str], None] = lambda _: None,
        on_airing: Callable[[Airing], None] = lambda _: None,
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._timeline = timeline
        self._publication = publication
        self._dumped_until_tick = dumped_until_tick
        self._memory: Recollection | None = None
        self._journal_path = folders.journal
        self._auto_next = auto_next
        self._journal = Journal(folders.journal, on_trouble)
        self._lower_thirds = LowerThirds()
        self._pictures = CrewPictures(folders.pictures)
        self._stillness = Stillness()
        self._director = Director(
            rundown=rundown,
            sources=sources,
            slate=Slate(slate_picture),
            loss_grace=loss_grace,
            log=Logbook(self._journal, timeline, on_airing),
            lower_thirds=self._lower_thirds,
            clock=clock,
            on_dump=on_dump,
        )
        self._first_tick = starts_at
        self._mixer = Mixer(
            self._director,
            self._lower_thirds,
            taps,
            self._journal,
            clock,
            timeline,
            starts_at=self._starts_at,
            on_tick=self._show_crew,
            on_turn=on_turn,
        )
        self._control = ControlSocket(folders.sockets / "stage.sock", self._mixer.ask)
        self._thread = threading.Thread(target=self._mix, name="mixer")

    def _mix(self) -> None:
        go_first()  # a tick that comes late is seen by everybody
        self._mixer.run()

    def start(self) -> None:
        """Go on air: with slate, or with what the journal says was on."""
        wall = self._timeline.tick_at(self._clock.now())
        self._director.adopt(self._recollection(), max(wall, self._starts_at(wall)))
        memory = self._recollection()
        if self._auto_next and memory.auto_next is not False and memory.item is None:
            self._director.begin()
        self._journal.start()
        self._lower_thirds.start()
        self._pictures.start()
        self._control.start()
        gc.collect()
        gc.freeze()  # what is alive now stays: later collections need not walk it, so they stay short
        self._thread.start()

    def stop(self) -> None:
        """Leave the air in order; the taps get ``run_ended``."""
        self._mixer.stop()
        self._thread.join(5.0)
        self._control.close()
        self._pictures.close()
        self._lower_thirds.close()
        self._journal.close()

    def ask(self, request: Request) -> Future[Reply]:
        """The same as over the socket, from within the process."""
        return self._mixer.ask(request)

    @property
    def lateness(self) -> Lateness:
        """How punctual the mixer is."""
        return self._mixer.lateness

    def _starts_at(self, wall: int) -> int:
        return self._first_tick(wall, self._recollection())

    def _recollection(self) -> Recollection:
        if self._memory is None:
            self._memory = after_dump(recollect(self._journal_path), self._dumped_until_tick())
        return self._memory

    def _show_crew(self, tick: int, moment: Moment) -> None:
        director = self._director
        if tick % REPORT_TICKS == 0:
            self._stillness.look(tick, moment)
        if not self._control.watchers:
            return
        if tick % PICTURE_TICKS == 0:
            self._pictures.offer("program", moment.picture)
        elif tick % (2 * PICTURE_TICKS) == 1:
            self._pictures.offer("preview", director.next.feed.preview() if director.next else None)
        if director.log.changed or tick % REPORT_TICKS == 0:
            director.log.changed = False
            self._control.publish(
                build_report(
                    director, self._timeline, self._clock.now(), level_db(moment.sound), self._publication(),
                    self._health(),
                )
            )

    def _health(self) -> StageHealth:
        late_p50_ms, late_p99_ms = self._mixer.lateness.percentiles(50, 99)
        lost = self._director.returning.lost
        return StageHealth(
            late_p50_ms=late_p50_ms,
            late_p99_ms=late_p99_ms,
            clock_step_ms=self._mixer.clock_step_ms,
            journal_lagging=self._journal.lagging,
            journal_waiting=self._journal.waiting,
            journal_lost=self._journal.lost,
            black_ms=self._stillness.black_ms,
            frozen_ms=self._stillness.frozen_ms,
            silent_ms=self._stillness.silent_ms,
            lost_source=lost.airing.source if lost else None,
        )
