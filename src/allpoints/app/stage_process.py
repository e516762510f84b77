"""The stage's process: the rundown and the sources in, the publisher on the tap."""

from __future__ import annotations

import os
import signal
import threading
import traceback
from collections.abc import Callable

from allpoints.app.pair import TURN_SECONDS, Pair
from allpoints.app.plan_copy import plan_copy, remembered_plan
from allpoints.contribute.desk import SourceDesk
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Level, Log, kept_log
from allpoints.kernel.memory import share_arenas
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import Timeline, first_tick_of
from allpoints.kernel.watchdog import Watchdog
from allpoints.publish.air import generation_alone
from allpoints.publish.dumps import dumped_until_tick
from allpoints.publish.ladder import FIRST_GENERATION
from allpoints.publish.publisher import Publisher
from allpoints.publish.shelf import next_start_tick
from allpoints.schedule.model import Gathering
from allpoints.stage.airing import Airing, AiringState
from allpoints.stage.journal import Recollection
from allpoints.stage.protocol import Dump
from allpoints.stage.room import Stage
from allpoints.stage.rundown import Rundown
from allpoints.stage.slate import kept_slate


class StageProcess:
    """Stage, sources and publisher of one gathering, joined."""

    def __init__(
        self, settings: Settings, clock: Clock, gathering: Gathering, log: Log, *, demo: bool,
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        self._begins = 0
        self._is_on_air = False
        self._on_turn = on_turn
        self.folders = folders = Folders.beneath(settings.data)
        timeline = Timeline(gathering.epoch)
        slate = kept_slate(folders, gathering.title, gathering.slate, gathering.languages)
        self.publisher = Publisher(
            folders, settings, timeline, clock, slate, language=gathering.languages[0], on_trouble=log.trouble,
            on_dump_elsewhere=self._leave_what_is_dumped,
        )
        self.desk = SourceDesk(gathering.sources, folders, clock)

        def starts_at(wall: int, memory: Recollection) -> int:
            return max(next_start_tick(folders, wall, memory.reserved_until), first_tick_of(self._begins))

        self.stage = Stage(
            folders=folders,
            clock=clock,
            timeline=timeline,
            rundown=Rundown.of(gathering, loops=demo),
            sources=self.desk,
            slate_picture=slate,
            loss_grace=settings.loss_grace,
            taps=[self.publisher],
            starts_at=starts_at,
            publication=self.publisher.publication,
            on_dump=self.publisher.dump,
            dumped_until_tick=lambda: dumped_until_tick(folders),
            auto_next=demo,
            on_trouble=log.trouble,
            on_airing=lambda airing: note_airing(log, airing),
            on_turn=on_turn,
        )

    def _leave_what_is_dumped(self) -> None:
        self.stage.ask(Dump(by="a decision without the stage"))

    def start(self, generation: int = FIRST_GENERATION, begins: int = 0) -> None:
        """Go on air as ``generation``, with nothing before the segment ``begins``."""
        self._begins, self._is_on_air = begins, True
        self.publisher.start(generation)
        self._on_turn()
        self.desk.start()
        self._on_turn()
        self.stage.start()

    def stop(self) -> None:
        """Leave the air in order; nothing to do where it never had it."""
        if not self._is_on_air:
            return
        self.stage.stop()
        self.desk.close()
        self.publisher.stop()


def note_airing(log: Log, airing: Airing) -> None:
    """What goes on and off the air also stands in the log, so that it can be read beside what went wrong."""
    if airing.state in (AiringState.ON_AIR, AiringState.AIRED, AiringState.DROPPED):
        sentence = f"{airing.title}: {airing.state}" + (f" ({airing.ended_by})" if airing.ended_by else "")
        log.say(Event.AIRING, sentence, shown=False, source=airing.source, airing=airing.airing)


def hold_with_another(process: StageProcess, pair: Pair, watchdog: Watchdog, ending: threading.Event) -> None:
    """Be one of two machines: returns when it is told to end, or when the other has the air; whoever looks after this
    process then starts it anew, and it stands by."""
    pair.start(process.publisher.look_again)
    process.publisher.prepare()  # a take-over is then a matter of a fraction of a second
    if pair.wait_for_air(watchdog.alive, ending):
        process.start(pair.air.generation, pair.air.begins)
        while not ending.wait(TURN_SECONDS) and not pair.turn(process.publisher):
            pass
    pair.stop()


def end_with_thread(death: threading.ExceptHookArgs, log: Log) -> None:
    """A process without one of its threads is none: the supervisor starts a whole one."""
    traceback.print_exception(death.exc_value)
    thread = death.thread.name if death.thread else "a thread"
    log.say(Event.FAILURE, f"{thread} ended with {death.exc_type.__name__}", level=Level.ERROR)
    log.close()
    os._exit(1)


def _plan(folders: Folders, log: Log) -> Gathering:
    from allpoints.app.plan import plan_of  # the database's library takes a quarter of a second

    return plan_of(folders, log.trouble)


def run_stage(settings: Settings, clock: Clock, *, demo: bool = False, copied_plan: bool = False) -> None:
    """Be the stage until SIGTERM or SIGINT.

    With ``copied_plan`` the copy of the plan is fresh: whoever starts this process has just made it. Opening the
    database takes longer than all else that a restarted stage does.
    """
    share_arenas()
    folders = Folders.beneath(settings.data)
    folders.make()
    with kept_log("stage", folders, clock) as log:
        gathering = (remembered_plan(plan_copy(folders)) if copied_plan else None) or _plan(folders, log)
        watchdog = Watchdog.of(os.environ, clock)
        process = StageProcess(settings, clock, gathering, log, demo=demo, on_turn=watchdog.alive)
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        threading.excepthook = lambda death: end_with_thread(death, log)
        if not (settings.peer or settings.standby_of):
            process.start(generation_alone(folders, clock))
            ending.wait()
        else:
            hold_with_another(process, Pair(settings, folders, gathering, clock, log), watchdog, ending)
        watchdog.stopping()
        process.stop()
