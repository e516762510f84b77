"""The supervisor: starts the processes of one machine, starts again what ends or hangs, and stops them in order.

A child that ends is started again after a short and growing wait; nobody else notices beyond what that child did.
One whose loop falls silent is ended with all it started, and started again. A child that refuses its very first start
(exit code 2: it has said why) ends the whole, because a person is there to read it. All children die with the
supervisor, whatever it dies of: ``start_child`` sees to that.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from allpoints.app.signals import Signals
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import ProcessNote, ProcessNotes, write_processes
from allpoints.kernel.supervision import Backoff, life_of, start_child
from allpoints.kernel.watchdog import NotifySocket, Watchdog, is_hung

REFUSED = 2
"""Exit code of a process that will not start as it is set up."""

STOP_DEADLINE = 8.0
SAME_WISH = 1.0
"""Seconds within which further signals are the first one again: a shell and `timeout` both pass on what they get."""

READINESS_EVERY = 0.2
LOOK_AGAIN = 0.25
"""Seconds between two looks at a child that is silent for too long but busy."""

Say = Callable[[str, str], None]
"""Tells people in the terminal: who, and what happened in words."""


@dataclass(frozen=True)
class ChildSpec:
    """A process to keep running. ``once``: its end with exit code 0 is its success, and it stays ended.

    ``limit``: seconds for which its loop may be silent before it is ended as hung; None: nobody asks it. Until its
    first word it is given ``start_limit``. ``expendable``: by how much, in the thousandths of ``oom_score_adj`` (see
    proc_pid_oom_score_adj(5)), the kernel prefers it to its supervisor when memory runs out. ``descriptors`` of the
    supervisor are its own too, under the same numbers.
    """

    name: str
    arguments: Sequence[str]
    once: bool = False
    limit: float | None = None
    start_limit: float = 30.0
    expendable: int = 0
    descriptors: Sequence[int] = ()


@dataclass
class _Child:
    spec: ChildSpec
    note: ProcessNote
    backoff: Backoff = field(default_factory=Backoff)
    running: subprocess.Popen[bytes] | None = None
    start_at: float | None = 0.0
    heard_at: float = 0.0
    look_at: float | None = None
    verdict: str = ""


class Supervisor:
    """Keeps ``specs`` running until it is told to stop. ``ready`` is asked until it says yes; then ``when_ready``.

    What it knows of them is noted in the memory folder of ``folders`` at each change.
    """

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        *,
        clock: Clock,
        say: Say,
        environment: Mapping[str, str],
        folders: Folders | None = None,
        ready: Callable[[], bool] = lambda: True,
        when_ready: Callable[[], None] = lambda: None,
        stop_deadline: float = STOP_DEADLINE,
    ) -> None:
        self._children = [_Child(spec, ProcessNote(spec.name)) for spec in specs]
        self._clock = clock
        self._say = say
        self._environment = dict(environment)
        self._watchdog = Watchdog.of(self._environment, clock)  # the service manager's, where there is one
        self._folders = folders
        self._ready = ready
        self._when_ready = when_ready
        self._stop_deadline = stop_deadline
        self._notify = NotifySocket()
        self._exit_code = 0
        self._stopping = False

    def run(self) -> int:
        """Run to the end; the exit code is 0 after an ordered stop, 2 when a child refused to start.

        Belongs on the main thread: signals arrive there, and children die with the thread that started them.
        """
        self._environment["NOTIFY_SOCKET"] = self._notify.open()
        with contextlib.closing(self._notify), Signals() as signals, selectors.DefaultSelector() as selector:
            selector.register(signals.fileno(), selectors.EVENT_READ, signals)
            selector.register(self._notify.fileno(), selectors.EVENT_READ, self._notify)
            ask_ready_at: float | None = self._clock.monotonic()
            while not self._stopping:
                self._start_due(selector)
                if ask_ready_at is not None and self._clock.monotonic() >= ask_ready_at:
                    ask_ready_at = self._clock.monotonic() + READINESS_EVERY
                    if self._ready():
                        self._when_ready()
                        self._watchdog.ready()
                        ask_ready_at = None
                self._look(selector, self._next_due(ask_ready_at))
                self._judge()
                if ask_ready_at is None:
                    self._watchdog.alive()
            self._watchdog.stopping()
            self._stop(selector)
        return self._exit_code

    def _start_due(self, selector: selectors.BaseSelector) -> None:
        for child in self._children:
            now = self._clock.monotonic()
            if child.start_at is None or child.start_at > now:
                continue
            child.start_at = None
            child.backoff.started(now)
            child.running = start_child(
                child.spec.arguments, environment=self._environment_of(child), pass_fds=child.spec.descriptors,
                own_group=True,
            )
            _mark_expendable(child.running.pid, child.spec.expendable)
            child.heard_at, child.verdict = now, ""
            child.look_at = None if child.spec.limit is None else now + child.spec.limit
            selector.register(os.pidfd_open(child.running.pid), selectors.EVENT_READ, child)
            self._note(child, pid=child.running.pid, starts=child.note.starts + 1, started_at=self._clock.now(),
                       is_ready=False, status="")
            self._say(child.spec.name, "started" if child.note.starts == 1 else "started again")

    def _environment_of(self, child: _Child) -> dict[str, str]:
        environment = {name: text for name, text in self._environment.items() if not name.startswith("WATCHDOG_")}
        if child.spec.limit is not None:
            environment["WATCHDOG_USEC"] = str(round(child.spec.limit * 1e6))
        return environment

    def _next_due(self, ask_ready_at: float | None) -> float | None:
        due = [at for child in self._children for at in (child.start_at, child.look_at) if at is not None]
        if ask_ready_at is not None:
            due.append(ask_ready_at)
        if self._watchdog.every is not None:
            due.append(self._clock.monotonic() + self._watchdog.every)
        return max(0.0, min(due) - self._clock.monotonic()) if due else None

    def _look(self, selector: selectors.BaseSelector, timeout: float | None) -> int:
        """Wait for ends and words of children and for signals; answers how many signals came."""
        came = 0
        for key, _ in selector.select(timeout):
            match key.data:
                case Signals() as signals:
                    came += signals.take()
                    self._stopping = True
                case NotifySocket():
                    self._listen()
                case child:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    self._ended(child)
        return came

    def _listen(self) -> None:
        now = self._clock.monotonic()
        by_pid = {child.running.pid: child for child in self._children if child.running is not None}
        for word in self._notify.heard():
            if (child := by_pid.get(word.pid)) is None:
                continue  # one that has ended meanwhile, or a stranger
            child.heard_at = now
            child.look_at = None if child.spec.limit is None else now + child.spec.limit
            changes: dict[str, object] = {}
            if "READY" in word.fields or "STOPPING" in word.fields:
                changes["is_ready"] = "READY" in word.fields
            if "STATUS" in word.fields:
                changes["status"] = word.fields["STATUS"]
            if changes:
                self._note(child, **changes)

    def _judge(self) -> None:
        """End whoever hangs. What has been said is heard first: the supervisor may itself have been stopped."""
        now = self._clock.monotonic()
        if not any(child.look_at is not None and child.look_at <= now for child in self._children):
            return
        self._listen()
        for child in self._children:
            if child.look_at is None or child.look_at > now or child.running is None or child.spec.limit is None:
                continue
            silent = now - child.heard_at
            if is_hung(silent, life_of(child.running.pid), limit=child.spec.limit,
                       start_limit=child.spec.start_limit, is_ready=child.note.is_ready):
                child.verdict = f"did not answer for {silent:.1f} s and was ended"
                child.look_at = None
                _end_group(child.running.pid)
            else:
                child.look_at = now + LOOK_AGAIN

    def _ended(self, child: _Child) -> None:
        assert child.running is not None
        _end_group(child.running.pid)  # what it started and left behind, while its number is still its own
        code = child.running.wait()
        child.running = child.look_at = None
        how = child.verdict or _how_it_ended(code)
        if self._stopping:
            return
        if child.spec.once and code == 0:
            self._say(child.spec.name, "done")
        elif code == REFUSED and child.note.starts == 1:
            self._exit_code = REFUSED
            self._stopping = True
        else:
            delay = child.backoff.next_delay()
            child.start_at = self._clock.monotonic() + delay
            soon = "" if delay < 1 else f" in {delay:.0f} s"
            self._say(child.spec.name, f"{how}; it starts again{soon}")
        self._note(child, pid=None, is_ready=False, last_end=how, ended_at=self._clock.now())

    def _note(self, child: _Child, **changes: object) -> None:
        child.note = msgspec.structs.replace(child.note, **changes)
        if self._folders is not None:
            notes = ProcessNotes(os.getpid(), self._clock.now(), [each.note for each in self._children])
            with contextlib.suppress(OSError):  # a full memory folder costs the note, not the process
                write_processes(self._folders, notes)

    def _stop(self, selector: selectors.BaseSelector) -> None:
        """Ask all to end; what has not by the deadline, or by a second signal, is killed with all it started."""
        running = [child for child in self._children if child.running is not None]
        if running:
            self._say("allpoints", "stopping")
        for child in running:
            assert child.running is not None
            child.running.terminate()
        began = self._clock.monotonic()
        while any(child.running for child in running):
            left = began + self._stop_deadline - self._clock.monotonic()
            if left <= 0:
                break
            if self._look(selector, left) and self._clock.monotonic() >= began + SAME_WISH:
                break
        for child in running:
            if child.running is not None:
                self._say(child.spec.name, "did not stop in time and was ended")
                _end_group(child.running.pid)
                child.running.wait()
        if running:
            self._say("allpoints", "stopped")


def _mark_expendable(pid: int, expendable: int) -> None:
    with contextlib.suppress(OSError):  # it has ended already, or this kernel does not let us
        own = int(Path("/proc/self/oom_score_adj").read_text())
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(min(1000, own + expendable)))


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {-code} ({signal.strsignal(-code)})"
    return f"ended with exit code {code}"
