"""Whether a loop still turns, told in the words of systemd: sd_notify(3), ``NOTIFY_SOCKET`` and ``WATCHDOG_USEC``.

A process speaks the same few words under systemd and under our own supervisor. It must speak from the loop that
matters: a helper thread would go on swearing that all is well while the mixer hangs.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import Life

PINGS_A_LIMIT = 4
"""How often a loop speaks within the time that it may be silent."""

BUSY_FACTOR = 4
"""How much longer a process may be silent while it computes or waits for a disk: a long collection of garbage or a
loaded machine is no reason to kill what would have answered."""

_CREDENTIALS = struct.Struct("3i")
_LONGEST = 4096


class Watchdog:
    """The voice of one process. Silent where nobody listens; never blocks, never raises.

    ``limit`` is how many seconds the listener lets pass between two words.
    """

    def __init__(self, address: str, limit: float | None, clock: Clock) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._every = None if limit is None else limit / PINGS_A_LIMIT
        self._clock = clock
        self._socket: socket.socket | None = None
        self._spoke_at = float("-inf")
        self._is_ready = False

    @classmethod
    def of(cls, environment: Mapping[str, str], clock: Clock) -> Watchdog:
        """The voice that ``environment`` asks for."""
        microseconds = environment.get("WATCHDOG_USEC", "")
        limit = int(microseconds) / 1e6 if microseconds.isdigit() else None
        return cls(environment.get("NOTIFY_SOCKET", ""), limit, clock)

    @property
    def every(self) -> float | None:
        """Seconds between two words at most; None where nobody counts them."""
        return self._every if self._address else None

    def ready(self) -> None:
        """Say that starting is over."""
        self._is_ready = True
        self._say("READY=1")

    def alive(self) -> None:
        """Say that the loop turns; the first time, that it is ready too. Call it as often as the loop turns."""
        if not self._address:
            return
        if not self._is_ready:
            self.ready()
        now = self._clock.monotonic()
        if self._every is not None and now - self._spoke_at >= self._every:
            self._spoke_at = now
            self._say("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """Say in one line of words how things are."""
        self._say(f"STATUS={sentence}")

    def stopping(self) -> None:
        """Say that it ends in order and is not to be hurried."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Say no more."""
        self._address = ""
        if self._socket is not None:
            self._socket.close()

    def _say(self, words: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError):  # nobody listens any more, or the listener is behind: no loop waits for it
            if self._socket is None:  # kept: one that has used up its descriptors can still speak
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
                self._socket.setblocking(False)
            self._socket.sendto(words.encode(), self._address)


@dataclass(frozen=True)
class Word:
    """What the process ``pid`` said: its fields by name. The kernel vouches for the number."""

    pid: int
    fields: Mapping[str, str]


class NotifySocket:
    """The listener's end. Its address is abstract and chosen by the kernel: no file that could be left behind."""

    _socket: socket.socket

    def open(self) -> str:
        """Listen; returns the address in the form of ``NOTIFY_SOCKET``."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.setblocking(False)
        self._socket.bind("")
        name: bytes = self._socket.getsockname()
        return "@" + name[1:].decode()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def fileno(self) -> int:
        """For selectors."""
        return self._socket.fileno()

    def heard(self) -> list[Word]:
        """All that was said since the last look."""
        words: list[Word] = []
        while True:
            try:
                told, ancillary, _, _ = self._socket.recvmsg(_LONGEST, socket.CMSG_SPACE(_CREDENTIALS.size))
            except BlockingIOError:
                return words
            for level, kind, content in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                    pid, _, _ = _CREDENTIALS.unpack(content[:_CREDENTIALS.size])
                    lines = told.decode("utf-8", "replace").splitlines()
                    words.append(Word(pid, dict(line.split("=", 1) for line in lines if "=" in line)))


def is_hung(silent: float, life: Life, *, limit: float, start_limit: float, is_ready: bool) -> bool:
    """Whether a process that has been silent for ``silent`` seconds should be ended.

    A stopped one, or one that sleeps, at ``limit``. One that computes or waits for the disk is given longer, and so
    is one that has not yet said its first word.
    """
    if life is Life.STOPPED:
        return silent >= limit
    if not is_ready:
        return silent >= start_limit
    return silent >= (limit * BUSY_FACTOR if life is Life.AT_WORK else limit)
