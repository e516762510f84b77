"""The recorder's process: program, clean program and live sources onto the disk, and dumps obeyed there."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from datetime import timedelta

from allpoints.app.plan import plan_of
from allpoints.app.stage_process import end_with_thread
from allpoints.contribute.recording.disk import Kind, look_at_disk
from allpoints.contribute.recording.gaps import Gap, GapLog
from allpoints.contribute.recording.source_recorder import SourceRecorder
from allpoints.contribute.recording.state import state_of, write_state
from allpoints.contribute.recording.track import Track
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Level, Log, kept_log
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import Timeline
from allpoints.kernel.watchdog import Watchdog
from allpoints.publish.ladder import LADDERS
from allpoints.publish.recording.dump_watch import DumpWatch
from allpoints.publish.recording.keeping import outlived
from allpoints.publish.recording.program_recorder import ProgramRecorder
from allpoints.publish.recording.ticks import ProgramTicks
from allpoints.schedule.model import Gathering, SourceKind

STATE_EVERY = 1.0
TURN = 0.25
LOOK_FOR_DUMPS = 0.2
KEEPING_EVERY = 60.0


class RecorderProcess:
    """All tracks, each on a thread of its own, so that one that waits for the disk holds up no other."""

    def __init__(self, settings: Settings, folders: Folders, clock: Clock, gathering: Gathering, log: Log) -> None:
        self._settings = settings
        self._folders = folders
        self._clock = clock
        self._log = log
        timeline = Timeline(gathering.epoch)
        ladder = LADDERS[settings.ladder].with_clean()
        self.gaps = GapLog(folders, self._note)
        self.ticks = ProgramTicks(folders, ladder.audio[0].name, timeline, clock)
        self.dumps = DumpWatch(folders, self.gaps, self.ticks.now, erases=settings.dump_erases_sources)
        wanted: list[Kind] = ["program"] if settings.record_program else []
        if settings.record_clean and ladder.unserved:
            wanted.append("clean")
        programs = [
            ProgramRecorder(Track(kind, kind, folders, self.gaps, clock), ladder, folders, timeline, clock)
            for kind in wanted
        ]
        sources = [
            SourceRecorder(
                spec.ref, folders, Track(spec.ref, "sources", folders, self.gaps, clock), clock,
                tick_now=self.ticks.now, moment_of=timeline.instant_of, covers=self.dumps.covers,
            )
            for spec in gathering.sources if spec.kind is SourceKind.RTMP and settings.record_sources
        ]
        self._recorders: list[ProgramRecorder | SourceRecorder] = [*programs, *sources]
        self._ending = threading.Event()
        self._eraser = threading.Thread(target=self._erase, name="erase", daemon=True)

    def start(self) -> None:
        """Begin to record."""
        self._see_dumps()  # before a source is recorded: a decision may be on that covers what comes now
        self._eraser.start()
        for recorder in self._recorders:
            recorder.start()

    def tell(self) -> None:
        """Write the state. The memory folder may be full: then it is told a second later."""
        with contextlib.suppress(OSError):
            tracks = [recorder.track.state() for recorder in self._recorders]
            write_state(self._folders, state_of(self._clock.now(), tracks, look_at_disk(self._folders.recordings)))

    def stop(self) -> None:
        """End in order."""
        self._ending.set()
        for recorder in self._recorders:
            recorder.stop()
        self._eraser.join(3.0)
        self.gaps.catch_up()

    def _erase(self) -> None:
        kept_at = float("-inf")
        while not self._ending.wait(LOOK_FOR_DUMPS):
            self._see_dumps()
            self.gaps.catch_up()
            if self._settings.record_keep_hours and self._clock.monotonic() - kept_at > KEEPING_EVERY:
                kept_at = self._clock.monotonic()
                keep = timedelta(hours=self._settings.record_keep_hours)
                for path in outlived(self._folders, self._clock.now(), keep):
                    with contextlib.suppress(OSError):  # tried again in a minute
                        path.unlink()

    def _see_dumps(self) -> None:
        self.ticks.look()
        try:
            self.dumps.look()
        except OSError as trouble:
            self._log.trouble(f"what a dump covers could not be erased, and is tried again: {trouble}")

    def _note(self, gap: Gap) -> None:
        sentence = (
            f"{gap.what} is not recorded from {gap.began_at:%H:%M:%S} UTC on: {gap.why}" if gap.ended_at is None else
            f"{gap.what} is recorded again; nothing is lost" if gap.lost is False else
            f"{gap.what}: nothing from {gap.began_at:%H:%M:%S} to {gap.ended_at:%H:%M:%S} UTC: {gap.why}"
        )
        self._log.say(Event.RECORDING, sentence, level=Level.INFO if gap.lost is False else Level.WARNING)


def run_recorder(settings: Settings, clock: Clock) -> None:
    """Be the recorder until SIGTERM or SIGINT. Raises NoGathering."""
    folders = Folders.beneath(settings.data)
    folders.make()
    with kept_log("recorder", folders, clock) as log:
        watchdog = Watchdog.of(os.environ, clock)
        process = RecorderProcess(settings, folders, clock, plan_of(folders, log.trouble), log)
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        threading.excepthook = lambda death: end_with_thread(death, log)
        process.start()
        told_at = float("-inf")
        while not ending.wait(TURN):
            watchdog.alive()
            if clock.monotonic() - told_at >= STATE_EVERY:
                told_at = clock.monotonic()
                process.tell()
        watchdog.stopping()
        process.stop()
