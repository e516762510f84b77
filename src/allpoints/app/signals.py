"""Signals that are waited for together with other things."""

from __future__ import annotations

import signal
import socket


class Signals:
    """SIGTERM, SIGINT and SIGHUP (the terminal was closed), to be waited for together with children."""

    def __init__(self) -> None:
        self._before: dict[int, object] = {}

    def __enter__(self) -> Signals:
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
