"""The supervisor: starts the processes of one machine, starts again what ends, and stops them in order.

A child that ends is started again after a short and growing wait; nobody else notices beyond what that child did.
A child that refuses its very first start (exit code 2: it has said why) ends the whole, because a person is there
to read it. All children die with the supervisor, whatever it dies of: ``start_child`` sees to that.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import Backoff, start_child

REFUSED = 2
"""Exit code of a process that will not start as it is set up."""

STOP_DEADLINE = 8.0
SAME_WISH = 1.0
"""Seconds within which further signals are the first one again: a shell and `timeout` both pass on what they get."""

READINESS_EVERY = 0.2

Say = Callable[[str, str], None]
"""Tells people in the terminal: who, and what happened in words."""


@dataclass(frozen=True)
class ChildSpec:
    """A process to keep running. ``once``: its end with exit code 0 is its success, and it stays ended."""

    name: str
    arguments: Sequence[str]
    once: bool = False


@dataclass
class _Child:
    spec: ChildSpec
    backoff: Backoff = field(default_factory=Backoff)
    running: subprocess.Popen[bytes] | None = None
    start_at: float | None = 0.0
    starts: int = 0


class Supervisor:
    """Keeps ``specs`` running until it is told to stop. ``ready`` is asked until it says yes; then ``when_ready``."""

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        *,
        clock: Clock,
        say: Say,
        environment: Mapping[str, str],
        ready: Callable[[], bool] = lambda: True,
        when_ready: Callable[[], None] = lambda: None,
        stop_deadline: float = STOP_DEADLINE,
    ) -> None:
        self._children = [_Child(spec) for spec in specs]
        self._clock = clock
        self._say = say
        self._environment = dict(environment)
        self._ready = ready
        self._when_ready = when_ready
        self._stop_deadline = stop_deadline
        self._exit_code = 0
        self._stopping = False

    def run(self) -> int:
        """Run to the end; the exit code is 0 after an ordered stop, 2 when a child refused to start.

        Belongs on the main thread: signals arrive there, and children die with the thread that started them.
        """
        with _Signals() as signals, selectors.DefaultSelector() as selector:
            selector.register(signals.fileno(), selectors.EVENT_READ, None)
            ask_ready_at: float | None = self._clock.monotonic()
            while not self._stopping:
                self._start_due(selector)
                if ask_ready_at is not None and self._clock.monotonic() >= ask_ready_at:
                    ask_ready_at = self._clock.monotonic() + READINESS_EVERY
                    if self._ready():
                        self._when_ready()
                        ask_ready_at = None
                self._look(selector, signals, self._next_due(ask_ready_at))
            self._stop(selector, signals)
        return self._exit_code

    def _start_due(self, selector: selectors.BaseSelector) -> None:
        for child in self._children:
            now = self._clock.monotonic()
            if child.start_at is None or child.start_at > now:
                continue
            child.start_at = None
            child.backoff.started(now)
            child.running = start_child(child.spec.arguments, environment=self._environment, own_group=True)
            child.starts += 1
            selector.register(os.pidfd_open(child.running.pid), selectors.EVENT_READ, child)
            self._say(child.spec.name, "started" if child.starts == 1 else "started again")

    def _next_due(self, ask_ready_at: float | None) -> float | None:
        due = [child.start_at for child in self._children if child.start_at is not None]
        if ask_ready_at is not None:
            due.append(ask_ready_at)
        return max(0.0, min(due) - self._clock.monotonic()) if due else None

    def _look(self, selector: selectors.BaseSelector, signals: _Signals, timeout: float | None) -> int:
        """Wait for ends of children and for signals; answers how many signals came."""
        came = 0
        for key, _ in selector.select(timeout):
            child: _Child | None = key.data
            if child is None:
                came += signals.take()
                self._stopping = True
                continue
            selector.unregister(key.fd)
            os.close(key.fd)
            self._ended(child)
        return came

    def _ended(self, child: _Child) -> None:
        assert child.running is not None
        _end_group(child.running.pid)  # what it started and left behind, while its number is still its own
        code = child.running.wait()
        child.running = None
        if self._stopping:
            return
        if child.spec.once and code == 0:
            self._say(child.spec.name, "done")
        elif code == REFUSED and child.starts == 1:
            self._exit_code = REFUSED
            self._stopping = True
        else:
            delay = child.backoff.next_delay()
            child.start_at = self._clock.monotonic() + delay
            soon = "" if delay < 1 else f" in {delay:.0f} s"
            self._say(child.spec.name, f"{_how_it_ended(code)}; it starts again{soon}")

    def _stop(self, selector: selectors.BaseSelector, signals: _Signals) -> None:
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
            if self._look(selector, signals, left) and self._clock.monotonic() >= began + SAME_WISH:
                break
        for child in running:
            if child.running is not None:
                self._say(child.spec.name, "did not stop in time and was ended")
                _end_group(child.running.pid)
                child.running.wait()
        if running:
            self._say("allpoints", "stopped")


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {-code} ({signal.strsignal(-code)})"
    return f"ended with exit code {code}"


class _Signals:
    """SIGTERM, SIGINT and SIGHUP (the terminal was closed), to be waited for together with children."""

    def __init__(self) -> None:
        self._before: dict[int, object] = {}

    def __enter__(self) -> _Signals:
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._read.setblocking(False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self._before[number] = signal.signal(number, lambda *_: None)
        self._wakeup_before = signal.set_wakeup_fd(self._write.fileno())
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._wakeup_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._read.close()
        self._write.close()

    def fileno(self) -> int:
        return self._read.fileno()

    def take(self) -> int:
        """How many signals came since the last look."""
        return len(self._read.recv(64))
