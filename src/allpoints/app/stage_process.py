"""The stage's process: the rundown and the sources in, the publisher on the tap."""

from __future__ import annotations

import os
import signal
import threading
import traceback

from allpoints.app.plan_copy import plan_or_copy
from allpoints.contribute.desk import SourceDesk
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import Timeline
from allpoints.publish import Publisher, dumped_until_tick, next_start_tick, record_dump
from allpoints.schedule import load_gathering, open_storage
from allpoints.schedule.model import Gathering
from allpoints.stage import Recollection, Rundown, Stage
from allpoints.stage.slate import draw_slate


class StageProcess:
    """Stage, sources and publisher of one gathering, joined. ``say`` tells the operator's terminal."""

    def __init__(self, settings: Settings, clock: Clock, gathering: Gathering, *, demo: bool) -> None:
        self.folders = folders = Folders.beneath(settings.data)
        timeline = Timeline(gathering.epoch)
        slate = draw_slate(gathering.title, gathering.slate, gathering.languages)
        self.publisher = Publisher(
            folders, settings, timeline, clock, slate, language=gathering.languages[0], on_trouble=say
        )
        self.desk = SourceDesk(gathering.sources, folders, clock)

        def starts_at(wall: int, memory: Recollection) -> int:
            return next_start_tick(folders, wall, memory.reserved_until)

        def on_dump(tick: int) -> None:
            record_dump(folders, tick)

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
            on_dump=on_dump,
            dumped_until_tick=lambda: dumped_until_tick(folders),
            auto_next=demo,
            on_trouble=say,
        )

    def start(self) -> None:
        """Go on air."""
        self.publisher.start()
        self.desk.start()
        self.stage.start()

    def stop(self) -> None:
        """Leave the air in order."""
        self.stage.stop()
        self.desk.close()
        self.publisher.stop()


def say(sentence: str) -> None:
    """Tell whoever looks at the terminal or the journal of the service manager."""
    print(f"stage: {sentence}", flush=True)


def _end_with_thread(death: threading.ExceptHookArgs) -> None:
    """A stage without one of its threads is no stage: the supervisor starts a whole one."""
    traceback.print_exception(death.exc_value)
    os._exit(1)


def run_stage(settings: Settings, clock: Clock, *, demo: bool = False) -> None:
    """Be the stage until SIGTERM or SIGINT."""
    folders = Folders.beneath(settings.data)
    folders.make()
    gathering = plan_or_copy(
        lambda: load_gathering(open_storage(folders)), folders.journal.with_name("plan.json"), say
    )
    process = StageProcess(settings, clock, gathering, demo=demo)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    threading.excepthook = _end_with_thread
    process.start()
    ending.wait()
    process.stop()
