"""The demo's breaker: a process of its own, so that it outlives the web it kills.

``python -m allpoints.app.faults.breaker``, with the settings in the environment, started by the demo's supervisor.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import sys
import threading
from dataclasses import dataclass, field

import msgspec

from allpoints.app.addresses import reached_at
from allpoints.app.faults.breaking import break_it
from allpoints.app.faults.fault import Fault
from allpoints.app.faults.house import House
from allpoints.app.faults.sight import Seen
from allpoints.app.faults.table import FAULTS, fault_of
from allpoints.app.plan import plan_of
from allpoints.app.supervisor import ChildSpec
from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.stage.protocol import Refusal
from allpoints.web.break_protocol import (
    BreakEvent,
    BreakReply,
    BreakReport,
    BreakRequest,
    Cause,
    FaultRow,
    Happening,
)

_ = str  # marks what catalogues translate

MOST_HAPPENINGS = 12
CALLER_PATIENCE = 1.0


class AlreadyBreaking(AllpointsError):
    """A fault was asked for while another is under way."""

    code = "already_breaking"
    status = 409
    for_people = "Something is broken already. Wait until it is over, then break the next."


class CannotBreak(AllpointsError):
    """A fault was asked for that there is not, or not here."""

    code = "cannot_break"
    status = 409
    for_people = "This cannot be broken here. Reload the page to see what can."


@dataclass
class Story:
    """All that happened, the newest first. Shared by the thread that breaks and the one that answers."""

    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _happenings: list[Happening] = field(default_factory=list)
    _running: str | None = None

    def begin(self, fault: Fault) -> None:
        """A fault begins. Raises AlreadyBreaking."""
        with self._lock:
            if self._running is not None:
                raise AlreadyBreaking
            self._running = fault.code
            number = self._happenings[0].number + 1 if self._happenings else 1
            self._happenings.insert(0, Happening(number, fault.code, fault.title, is_over=False, events=[]))
            del self._happenings[MOST_HAPPENINGS:]

    def tell(self, seen: Seen) -> None:
        """Something happened in the fault that runs."""
        with self._lock:
            now = self._happenings[0]
            event = BreakEvent(self.clock.now(), seen.message, seen.who, dict(seen.values))
            self._happenings[0] = msgspec.structs.replace(now, events=[*now.events, event])

    def end(self) -> None:
        """The fault is over."""
        with self._lock:
            self._running = None
            self._happenings[0] = msgspec.structs.replace(self._happenings[0], is_over=True)

    def told(self) -> tuple[str | None, list[Happening]]:
        """The fault under way, and what happened."""
        with self._lock:
            return self._running, list(self._happenings)


class Breaker:
    """Breaks one thing at a time, on the main thread: faults start children, and those die with their thread."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._story = Story(house.clock)
        self._wanted: queue.SimpleQueue[Fault] = queue.SimpleQueue()

    def run(self) -> None:
        """Break what is asked for, for ever."""
        listener = self._listen()
        threading.Thread(target=self._answer_all, args=(listener,), name="answers", daemon=True).start()
        while True:
            fault = self._wanted.get()
            try:
                break_it(fault, self._house, self._story.tell)
            except AllpointsError as trouble:
                self._story.tell(Seen(trouble.for_people, values=trouble.values))
            except OSError as trouble:
                self._story.tell(Seen(_("the machine refused: {reason}"), values={"reason": str(trouble.strerror)}))
            finally:
                self._story.end()

    def _listen(self) -> socket.socket:
        path = self._house.folders.sockets / "breaker.sock"
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(16)
        return listener

    def _answer_all(self, listener: socket.socket) -> None:
        while True:
            caller, _address = listener.accept()
            with caller, contextlib.suppress(OSError, msgspec.MsgspecError):
                caller.settimeout(CALLER_PATIENCE)
                with caller.makefile("rwb") as lines:
                    request = msgspec.json.decode(lines.readline(), type=BreakRequest)
                    lines.write(msgspec.json.encode(self.answer(request)) + b"\n")

    def answer(self, request: BreakRequest) -> BreakReport | BreakReply:
        """One answer."""
        if not isinstance(request, Cause):
            running, happenings = self._story.told()
            rows = [FaultRow(f.code, f.group, f.title, f.will_see, f.how.obstacle(self._house)) for f in FAULTS]
            return BreakReport(rows, running, happenings)
        try:
            fault = fault_of(request.code)
            if fault is None or fault.how.obstacle(self._house):
                raise CannotBreak
            self._story.begin(fault)
        except AllpointsError as error:
            return BreakReply(False, Refusal(error.code, error.status, error.for_people, error.values))
        self._wanted.put(fault)
        return BreakReply(True)


def breaker_child() -> ChildSpec:
    """The breaker as the supervisor starts it."""
    return ChildSpec("breaker", [sys.executable, "-m", __name__])


def run_breaker(settings: Settings, clock: Clock) -> None:
    """Be the breaker until a signal ends it."""
    folders = Folders.beneath(settings.data)
    gathering = plan_of(folders, lambda sentence: print(f"breaker: {sentence}", flush=True))
    Breaker(House(folders, gathering, clock, (reached_at(settings.host), settings.port))).run()


if __name__ == "__main__":
    run_breaker(Settings.read(), SystemClock())
