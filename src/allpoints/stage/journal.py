"""The stage's own journal: the truth of what aired, written behind the stage's back: no take waits for a disk."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from allpoints.kernel.timeline import TICKS_PER_SECOND

RESERVE_TICKS = 10 * TICKS_PER_SECOND
"""How far ahead ticks are reserved: after a power cut the stage starts at most this far in the future."""

Event = Literal["run", "reserved", "airing", "action", "auto_next"]
_Line = Mapping[str, Any]


@dataclass(frozen=True)
class Recollection:
    """What a journal still tells at start. ``reserved_until``: no tick at or before it may be used again if nothing
    better is known. ``airing``: the last airing that was on air and that nobody took off, as journalled; ``is_lost``:
    its source was lost. ``item``: the last item of the rundown that was on air. ``auto_next`` is None where it was
    never armed or disarmed."""

    reserved_until: int = -1
    airing: _Line | None = None
    item: str | None = None
    auto_next: bool | None = None
    is_lost: bool = False


def after_dump(memory: Recollection, dumped_until_tick: int) -> Recollection:
    """What may still be recollected when everything before ``dumped_until_tick`` was dumped.

    A decision to dump may be made while no stage runs, or just before one dies: what was on air then is not brought
    back, and nothing is taken by itself.
    """
    if memory.airing is None or int(memory.airing["started_tick"]) >= dumped_until_tick:
        return memory
    return replace(memory, airing=None, auto_next=False, is_lost=False)


def read_lines(path: Path) -> Iterator[_Line]:
    """Every whole line of a journal, oldest first; a line torn by a crash is passed over, never fatal."""
    try:
        with path.open("rb") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict):
                    yield entry
    except FileNotFoundError:
        return


def recollect(path: Path) -> Recollection:
    """Read a journal back."""
    reserved, airing, item, auto_next = -1, None, None, None
    for entry in read_lines(path):
        match entry.get("event"):
            case "reserved":
                reserved = max(reserved, int(entry["until"]))
            case "airing" if entry["state"] == "on_air":
                airing, item = entry, entry["item"] or item
            case "airing" if airing and entry["airing"] == airing["airing"]:
                airing = entry if entry.get("ended_by") == "lost" else None  # it was on air and has left since
            case "action" if entry.get("verb") in ("panic", "dump"):
                airing = None
            case "auto_next":
                auto_next = bool(entry["armed"])
    is_lost = airing is not None and airing["state"] != "on_air"
    return Recollection(reserved, airing, item, auto_next, is_lost)


class Journal:
    """Appends lines through one writer thread, which syncs them to the disk.

    ``append`` never blocks and never raises: when the disk is full or slow, lines wait in memory (bounded) and
    ``lagging`` says so. ``on_trouble`` hears of a spell of failure when it begins and when it is over.
    """

    def __init__(
        self, path: Path, on_trouble: Callable[[str], None] = lambda _: None, *,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self._path = path
        self._on_trouble = on_trouble
        self._sync = sync
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=50_000)
        self._progress = threading.Condition()
        self._appended = self._settled = 0
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._failing = False
        self._separator = b"\n"  # what stands at the file's end may be a line torn by a crash
        self.lost = 0

    def start(self) -> None:
        """Start the writer."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._thread.start()

    def append(self, event: Event, tick: int, **fields: Any) -> None:
        """Hand one event over to the writer. Called by one thread, the stage's."""
        line = json.dumps({"event": event, "tick": tick, **fields}, ensure_ascii=False, default=str)
        try:
            self._lines.put_nowait(line.encode() + b"\n")
            self._appended += 1
        except queue.Full:
            self.lost += 1

    def settled(self, seconds: float) -> bool:
        """Wait up to ``seconds`` until everything appended is on the disk; whether it is."""
        wanted = self._appended
        with self._progress:
            return self._progress.wait_for(lambda: self._settled >= wanted, seconds)

    @property
    def waiting(self) -> int:
        """How many lines wait for the disk."""
        return self._lines.qsize()

    @property
    def lagging(self) -> bool:
        """Whether lines wait because the disk does not take them."""
        return self._failing or self.waiting > 1_000

    def close(self) -> None:
        """Write what is left and stop; gives up on a dead disk after two seconds."""
        self._lines.put(None)
        self._thread.join(2.0)

    def _write(self) -> None:
        while True:
            batch = [self._lines.get()]
            while not self._lines.empty():
                batch.append(self._lines.get_nowait())
            lines = [line for line in batch if line is not None]
            if lines:
                self._write_until_taken(b"".join(lines))
            with self._progress:
                self._settled += len(lines)
                self._progress.notify_all()
            if None in batch:
                return

    def _write_until_taken(self, block: bytes) -> None:
        pause = threading.Event()
        while True:
            try:
                self._append(self._separator + block)
            except OSError as trouble:
                if not self._failing:
                    self._failing = True
                    self._on_trouble(
                        f"The disk does not take the journal ({trouble.strerror}). What is on air goes on, and lines "
                        f"wait in memory; make room in {self._path.parent}."
                    )
                pause.wait(0.5)
            else:
                if self._failing:
                    self._on_trouble(f"The journal is written again; {self.lost or 'no'} lines are lost.")
                self._failing, self._separator = False, b""
                return

    def _append(self, block: bytes) -> None:
        """The whole block is on the disk when this returns, or nothing of it: it will be written once more."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.fstat(descriptor).st_size
            try:
                while block:  # a disk that is nearly full takes a part, and says so only at the next try
                    block = block[os.write(descriptor, block) :]
                self._sync(descriptor)
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)
