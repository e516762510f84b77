"""The owner of the shelves: holds units back for the release delay, obeys dumps, releases, writes playlists."""

from __future__ import annotations

import errno
import queue
import shutil
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import Timeline, first_tick_of
from allpoints.publish.dumps import (
    DumpNotWritten,
    holding_lock,
    last_dumped_segment,
    record_dump,
    understood_decisions,
    without_retreat,
)
from allpoints.publish.encoders import Prepared
from allpoints.publish.ladder import PARTS_PER_SEGMENT, Ladder, Rung, Slot
from allpoints.publish.lister import Lister
from allpoints.publish.playlists import Run, run_of
from allpoints.publish.release_time import Position, age_ticks, is_due
from allpoints.publish.shelf import RungShelf, read_runs, write_runs
from allpoints.publish.units import slate_unit
from allpoints.publish.window import Keeper

POLL_SECONDS = 0.1
"""How soon a decision that another process made is seen; before each release it is looked at in any case."""

WAITING_SEGMENTS = 8
"""How far back finished units wait in this process where the memory folder does not take them."""


@dataclass(frozen=True)
class Finished:
    """A unit that an encoder completed."""

    rung: Rung
    slot: Slot
    content: bytes


class Arrived:
    """Files of an earlier run came into the public folder: from the machine that had the air before."""


class Releaser:
    """One thread; everything in ``memory`` that the origin serves is written by it, under names of
    ``generation``."""

    def __init__(
        self,
        folders: Folders,
        ladder: Ladder,
        prepared: Mapping[str, Prepared],
        timeline: Timeline,
        *,
        generation: int,
        language: str,
        delay_ticks: int,
        low_latency: bool,
        retention_segments: int,
        on_release: Callable[[Rung, Slot], None],
        on_trouble: Callable[[str], None],
        on_dump_elsewhere: Callable[[], None],
    ) -> None:
        self.released_tick: int | None = None
        self.dumped_until_segment = -1
        self.segments_released = self.holes = 0
        self._now = Position(None, -1)
        self._folders = folders
        self._ladder = ladder
        self._prepared = prepared
        self._generation = generation
        self._delay_ticks = delay_ticks
        self._on_release = on_release
        self._on_trouble = on_trouble
        self._on_dump_elsewhere = on_dump_elsewhere
        self._without_retreat = 0
        self._runs: list[Run] = []
        self._runs_remembered = True
        self._inits: dict[str, str] = {}
        self._waiting: dict[str, deque[tuple[Slot, bytes]]] = {rung.name: deque() for rung in ladder.made}
        self._deciding = threading.Lock()
        self._unwritten = -1
        self._touched: set[str] = set()
        self._trouble = ""
        self._shelves = {
            rung.name: RungShelf(rung, folders, low_latency and rung.has_parts, self._runs) for rung in ladder.made
        }
        self._keeper = Keeper(folders, ladder, list(self._shelves.values()), retention_segments, on_trouble)
        self._lister = Lister(
            folders, ladder, {name: each.codec for name, each in prepared.items()}, self._shelves, self._runs,
            self._keeper, timeline, generation=generation, language=language, low_latency=low_latency,
            retention_segments=retention_segments,
        )
        self._work: queue.SimpleQueue[Finished | Run | Arrived | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run_thread, name="release", daemon=True)

    def start(self) -> None:
        """Adopt what is there, then release on a thread of its own."""
        self._runs += read_runs(self._folders)
        places = (self._folders.held, self._folders.public, self._folders.unserved)
        for folder in (folder for place in places for folder in place.iterdir()):
            # Of a ladder no longer made: nobody would release or dump it, and its playlists would stand still.
            if folder.is_dir() and folder.name not in self._shelves:
                shutil.rmtree(folder)
        for shelf in self._shelves.values():
            shelf.adopt()
        self._keeper.adopt()
        self._keeper.make_room()
        for name, shelf in self._shelves.items():
            if not shelf.parted:
                (shelf.public / "ll.m3u8").unlink(missing_ok=True)
            self._inits[name] = shelf.write_init(self._prepared[name].init)
        # As they stand, with what was copied from another machine; what is empty is written with its first release.
        self._touched.update(name for name, shelf in self._shelves.items() if shelf.segments)
        self._lister.start()
        with holding_lock(self._folders):
            # Who starts now shows nothing of what was dumped before.
            self._without_retreat = without_retreat(understood_decisions(self._folders))
            self._obey()
        self._thread.start()

    def stop(self) -> None:
        """Take in what is finished and end. What is held stays held, for the next start."""
        self._work.put(None)
        self._thread.join(5.0)

    @property
    def now_tick(self) -> int:
        """The tick that was last on program; set by whoever hands over the program, and by nobody else."""
        return self._now.tick

    @now_tick.setter
    def now_tick(self, tick: int) -> None:
        self._now = Position(self._now.run, tick)

    def run_started(self, segment: int, began: float | None = None) -> None:
        """A new run began with ``segment``, whose first tick is program now, at the monotonic second ``began``."""
        run = Run(segment, self._inits, self._generation, began)
        self._now = Position(run, first_tick_of(segment))
        self._work.put(run)

    def dump(self, tick: int) -> None:
        """A decision to dump at ``tick`` that could not be written down: nothing is released until it is. Any thread
        may call."""
        with self._deciding:
            self._unwritten = max(self._unwritten, tick)

    def finished(self, rung: Rung, slot: Slot, content: bytes) -> None:
        """Hand over a finished unit. Any thread may call."""
        self._work.put(Finished(rung, slot, content))

    def arrived(self) -> None:
        """Look again at what is public. Any thread may call."""
        self._work.put(Arrived())

    @property
    def held_units(self) -> int:
        """How many units wait for their release."""
        return sum(len(shelf.held) + len(self._waiting[name]) for name, shelf in self._shelves.items())

    def _run_thread(self) -> None:
        going = True
        while going:
            going = self._take_in()
            # What one of them has no room or no descriptor for is tried again in a moment; the others go on.
            steps = (self._hold_waiting, self._release, self._write_touched, self._make_room)
            self._tell(next(filter(None, [_trouble_of(step) for step in steps]), ""))

    def _tell(self, trouble: str) -> None:
        """Tell the crew what is wrong, once, and when it is over."""
        if trouble and not self._trouble:
            self._on_trouble(f"The memory folder takes nothing ({trouble}). Finished segments wait; make room in "
                             f"{self._folders.memory}, or give it more.")
        elif self._trouble and not trouble:
            self._on_trouble("The memory folder takes segments again.")
        self._trouble = trouble

    def _take_in(self) -> bool:
        """Wait for work and take it in; False when it is time to end."""
        try:
            work = [self._work.get(timeout=POLL_SECONDS)]
        except queue.Empty:
            return True
        while not self._work.empty():
            work.append(self._work.get())
        for each in work:
            match each:
                case Run() as run:
                    self._runs.append(run)
                    self._runs_remembered = False
                case Finished(rung, slot, content):
                    self._waiting[rung.name].append((slot, content))
                case Arrived():
                    for name, shelf in self._shelves.items():
                        shelf.adopt_public()
                        self._touched.add(name)
        return None not in work

    def _hold_waiting(self) -> None:
        """Put what is finished on the held shelf, each rendition in order. Raises the last OSError at the end."""
        failure: OSError | None = None
        for name, waiting in self._waiting.items():
            try:
                while waiting:
                    self._hold(self._shelves[name], *waiting[0])
                    waiting.popleft()
            except OSError as trouble:
                failure = trouble
                while waiting[0][0].segment < waiting[-1][0].segment - WAITING_SEGMENTS:
                    waiting.popleft()  # nobody waits for it any more: playlists say GAP
        if failure is not None:
            raise failure

    def _hold(self, shelf: RungShelf, slot: Slot, content: bytes) -> None:
        if slot.segment <= self.dumped_until_segment:
            content = slate_unit(shelf.rung, self._prepared[shelf.rung.name], slot)
        while True:
            try:
                return shelf.hold(slot, content)
            except OSError as trouble:
                if trouble.errno != errno.ENOSPC or not self._keeper.give_up_oldest():
                    raise

    def _release(self) -> None:
        if not self._runs_remembered:
            write_runs(self._folders, self._runs)
            self._runs_remembered = True
        with self._deciding:
            if self._unwritten >= 0:
                record_dump(self._folders, self._unwritten, retreated=True)
                self._unwritten = -1
            with holding_lock(self._folders):
                self._obey()
                self._release_due()

    def _obey(self) -> None:
        """Overwrite what a decision covers, at once: from then on it exists nowhere."""
        made = understood_decisions(self._folders)
        if without_retreat(made) > self._without_retreat:
            self._without_retreat = without_retreat(made)
            self._on_dump_elsewhere()
        until = last_dumped_segment(made)
        if until <= self.dumped_until_segment:
            return
        for shelf in self._shelves.values():
            for slot in [slot for slot in shelf.held if slot.segment <= until]:
                # Slate encoded by an earlier version's run needs that run's init segment; ours would not decode.
                if run_of(self._runs, slot.segment).inits.get(shelf.rung.name) != self._inits[shelf.rung.name]:
                    shelf.discard([slot])
                    continue
                try:
                    shelf.hold(slot, slate_unit(shelf.rung, self._prepared[shelf.rung.name], slot))
                except OSError as trouble:  # a full folder has no place for slate; taking away always works
                    self._on_trouble(str(trouble))
                    shelf.discard([slot])
        self.dumped_until_segment = until

    def _release_due(self) -> None:
        """Release every held unit whose time has come. Raises the last OSError at the end."""
        now, failure = self._now, None
        for shelf in self._shelves.values():
            try:
                self._release_of(shelf, now)
            except OSError as trouble:
                failure = trouble
        if self._touched:
            last = min(self._shelves[rung.name].shelved().last for rung in self._ladder.rungs)
            self.released_tick = first_tick_of(last + 1) if last >= 0 else None
        if failure is not None:
            raise failure

    def _release_of(self, shelf: RungShelf, now: Position) -> None:
        for slot in sorted(shelf.held, key=lambda slot: slot.first_tick):
            if not is_due(age_ticks(slot, run_of(self._runs, slot.segment), now), self._delay_ticks):
                break
            if shelf.rung is self._ladder.rungs[0]:
                self._count(slot, after=max(shelf.segments, default=slot.segment))
            shelf.release(slot)
            self._on_release(shelf.rung, slot)
            self._touched.add(shelf.rung.name)
        if shelf.unjoined:
            shelf.join_parts()
            self._touched.add(shelf.rung.name)

    def _count(self, slot: Slot, *, after: int) -> None:
        if slot.part in (None, PARTS_PER_SEGMENT - 1):
            self.segments_released += 1
            self.holes += max(0, slot.segment - after - 1)

    def _make_room(self) -> None:
        if self._keeper.make_room():
            self._touched.update(name for name, shelf in self._shelves.items() if shelf.segments)

    def _write_touched(self) -> None:
        for name in sorted(self._touched):
            self._lister.write(name)
            self._touched.discard(name)


def _trouble_of(step: Callable[[], None]) -> str:
    try:
        step()
    except DumpNotWritten as trouble:
        return str(trouble.values["reason"])
    except OSError as trouble:
        return trouble.strerror or str(trouble)
    return ""
