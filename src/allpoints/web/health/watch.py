"""The owner of what is known about health: looks once a second, keeps the board of alarms, logs its changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.kernel.log import Event, Level, Log
from allpoints.kernel.text.translations import MAIN_LANGUAGE, for_language
from allpoints.kernel.timeline import Timeline
from allpoints.web.health.alarms import Alarm, Board, told
from allpoints.web.health.interruptions import OnAirHistory, read_history
from allpoints.web.health.reading import read_snapshot
from allpoints.web.health.rules import look_at
from allpoints.web.health.snapshot import Snapshot
from allpoints.web.site import Site
from allpoints.web.stage_link import StageLink

EVERY_SECONDS = 1.0
HISTORY_EVERY = 5
COUNTED_SECONDS = 600


@dataclass(frozen=True)
class _Counts:
    """What only grows, at one moment."""

    monotonic: float
    wrong_keys: int
    starts: dict[str, int]


class HealthWatch:
    """``run`` is the owner loop. ``snapshot`` is the newest, ``alarms`` those that stand."""

    def __init__(self, site: Site, link: StageLink, log: Log) -> None:
        self.snapshot: Snapshot | None = None
        self.history = OnAirHistory()
        self.alarms: list[Alarm] = []
        self._site = site
        self._link = link
        self._log = log
        self._board = Board()
        self._counts: deque[_Counts] = deque(maxlen=round(COUNTED_SECONDS / EVERY_SECONDS))

    @property
    def _path(self) -> Path:
        return self._site.folders.memory / "alarms.json"

    async def run(self) -> None:
        """Look for ever. A look that fails is told once, and the next one tried."""
        self._recall()
        looks, was_well = 0, True
        while True:
            try:
                await self._look()
                if looks % HISTORY_EVERY == 0:
                    timeline = Timeline(self._site.gathering.epoch)
                    self.history = await asyncio.to_thread(
                        read_history, self._site.folders, timeline, self._site.clock.now()
                    )
                was_well = True
            except Exception as error:  # whoever watches must not fall with what it watches
                if was_well:
                    self._log.say(Event.FAILURE, f"looking at health failed: {type(error).__name__}: {error}",
                                  level=Level.ERROR)
                was_well = False
            looks += 1
            await asyncio.sleep(EVERY_SECONDS)

    async def _look(self) -> None:
        link, clock = self._link, self._site.clock
        silent = link.silent_seconds
        snapshot = await asyncio.to_thread(
            read_snapshot, self._site.folders, clock, link.report if link.is_fresh else None,
            None if silent == float("inf") else silent,
        )
        self.snapshot = snapshot = self._with_recent(snapshot, clock.monotonic())
        before = {(alarm.code, alarm.subject): alarm for alarm in self._board.alarms}
        self._board = self._board.after(look_at(snapshot), snapshot.at, clock.monotonic())
        self.alarms = self._board.alarms
        after = {(alarm.code, alarm.subject): alarm for alarm in self.alarms}
        for key in after.keys() - before.keys():
            self._note(Event.ALARM_RAISED, after[key])
        for key in before.keys() - after.keys():
            self._note(Event.ALARM_CLEARED, before[key])
        if after.keys() != before.keys():
            with contextlib.suppress(OSError):  # a full memory folder is an alarm itself
                write_atomically(self._path, msgspec.json.encode(self.alarms))

    def _recall(self) -> None:
        """The alarms of the process that was here before, so that "since" stays true."""
        try:
            alarms = msgspec.json.decode(self._path.read_bytes(), type=list[Alarm])
        except (OSError, msgspec.MsgspecError):
            return
        self._board = Board.of(alarms, self._site.clock.monotonic())

    def _with_recent(self, snapshot: Snapshot, monotonic: float) -> Snapshot:
        """The snapshot with what was counted in the last ten minutes; a counter that began anew counts from there."""
        starts = {process.name: process.starts for process in snapshot.processes}
        if snapshot.ingest is not None:
            self._counts.append(_Counts(monotonic, snapshot.ingest.wrong_keys, starts))
        if not self._counts:
            return snapshot
        first, newest = self._counts[0], self._counts[-1]
        return msgspec.structs.replace(
            snapshot,
            wrong_keys=newest.wrong_keys - min(count.wrong_keys for count in self._counts),
            starts={name: count - first.starts.get(name, count) for name, count in starts.items()},
        )

    def _note(self, event: Event, alarm: Alarm) -> None:
        in_words = told(alarm, for_language(MAIN_LANGUAGE))
        level = Level.WARNING if event is Event.ALARM_RAISED else Level.INFO
        self._log.say(event, f"{alarm.code}: {in_words.sentence}", level=level, shown=False,
                      source=alarm.subject if alarm.code == "source_lost" else "",
                      receiver=alarm.subject if alarm.code == "receiver_failing" else "")
