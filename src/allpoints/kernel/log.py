"""What happened: a line for people at the terminal, and the same as one JSON object a line in ``data/log``.

Neither structlog nor the standard library's ``logging``: both write down whatever any library hands them, an address
or a key within a message included. Here only declared events with named context get into a file.
"""

from __future__ import annotations

import contextlib
import enum
import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders

LARGEST_FILE = 4_000_000
KEPT_FILES = 3
MOST_WAITING = 5_000
MOST_AT_ONCE = 500
CLOSING_SECONDS = 1.0


class Event(enum.StrEnum):
    """What kind of thing happened: the codes that ``event`` may have."""

    SUPERVISED = "supervised"  # a process was started, ended, was started again
    PLAN = "plan"
    TROUBLE = "trouble"  # something failed, and the process goes on
    FAILURE = "failure"  # a mistake in Allpoints itself
    AIR = "air"  # which of two machines has it
    AIRING = "airing"
    PUBLISHER_CAME = "publisher_came"
    PUBLISHER_GONE = "publisher_gone"
    PUBLISHER_REFUSED = "publisher_refused"
    RECORDING = "recording"  # a recording stopped, went on, or has a hole
    RECEIVER = "receiver"  # one of the simulcast takes the program, stalls, refuses
    ALARM_RAISED = "alarm_raised"
    ALARM_CLEARED = "alarm_cleared"
    LINES_LOST = "lines_lost"


class Level(enum.StrEnum):
    """How much it matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a log. ``source`` and ``receiver`` are names of the plan, ``airing`` is the journal's.

    No line holds an address, a browser's name or anything else of a viewer, nor a stream key.
    """

    at: datetime
    process: str
    event: Event
    level: Level
    sentence: str
    source: str = ""
    airing: str = ""
    receiver: str = ""


class Log:
    """Writes ``<process>.jsonl`` on a thread of its own, and shows sentences through ``show``.

    ``say`` never blocks and never raises: where the disk or the terminal does not take lines, some thousand wait and
    further ones are lost; how many is said once lines are taken again. Files are turned over at 4 MB, four are kept.
    """

    def __init__(self, process: str, folders: Folders, clock: Clock, show: Callable[[str], None]) -> None:
        self._process = process
        self._path = folders.log / f"{process}.jsonl"
        self._clock = clock
        self._show = show
        self._waiting: queue.Queue[tuple[Line, bool] | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._lost = 0
        self._separator = b""

    def start(self) -> None:
        """Start the writer."""
        self._thread.start()

    def close(self) -> None:
        """Write what waits; gives up after a second."""
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=CLOSING_SECONDS)
        if self._thread.is_alive():
            self._thread.join(CLOSING_SECONDS)

    def say(
        self, event: Event, sentence: str, *, level: Level = Level.INFO, shown: bool = True,
        source: str = "", airing: str = "", receiver: str = "",
    ) -> None:
        """Note what happened, and unless ``shown`` is False tell it to who looks at the terminal. Any thread may."""
        line = Line(self._clock.now(), self._process, event, level, sentence, source, airing, receiver)
        try:
            self._waiting.put_nowait((line, shown))
        except queue.Full:
            self._lost += 1

    def trouble(self, sentence: str) -> None:
        """Note that something failed, in words; the process goes on."""
        self.say(Event.TROUBLE, sentence, level=Level.WARNING)

    def _write(self) -> None:
        while entry := self._waiting.get():
            entries = [entry]
            while len(entries) < MOST_AT_ONCE and not self._waiting.empty() and (entry := self._waiting.get()):
                entries.append(entry)
            self._keep([line for line, _ in entries])
            for line, shown in entries:
                if shown:
                    self._show(line.sentence)
            if entry is None:
                return

    def _keep(self, lines: Sequence[Line]) -> None:
        lost, self._lost = self._lost, 0
        if lost:
            sentence = f"{lost} lines could not be written"
            lines = [Line(self._clock.now(), self._process, Event.LINES_LOST, Level.WARNING, sentence), *lines]
        block = self._separator + b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        try:
            self._turn_over(len(block))
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                whole = os.write(descriptor, block) == len(block)
            finally:
                os.close(descriptor)
        except OSError:  # a full disk: what is lost is counted, and told when there is room
            whole = False
        self._separator = b"" if whole else b"\n"  # what stands at the file's end may be half a line
        if not whole:
            self._lost += len(lines)

    def _turn_over(self, more: int) -> None:
        try:
            if self._path.stat().st_size + more <= LARGEST_FILE:
                return
        except FileNotFoundError:
            return
        for number in range(KEPT_FILES, 0, -1):
            older = self._path.with_suffix(f".{number}.jsonl")
            newer = self._path if number == 1 else self._path.with_suffix(f".{number - 1}.jsonl")
            if newer.exists():
                newer.replace(older)


def told(clock: Clock, who: str, what: str) -> str:
    """A line for the terminal: the local time, who, and what happened."""
    return f"{clock.now().astimezone():%H:%M:%S}  {who:<9}  {what}"


@contextlib.contextmanager
def kept_log(process: str, folders: Folders, clock: Clock) -> Iterator[Log]:
    """A log for as long as a process works; its sentences are shown at the terminal behind the process's name."""

    def tell(sentence: str) -> None:
        # Past Python's buffer: a terminal that is held up, then costs this thread and no other.
        with contextlib.suppress(OSError):
            os.write(1, f"{told(clock, process, sentence)}\n".encode())

    with contextlib.suppress(OSError):
        folders.log.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = Log(process, folders, clock, tell)
    log.start()
    try:
        yield log
    finally:
        log.close()
