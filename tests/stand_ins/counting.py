"""A TCP proxy on loopback that counts what passes, in both directions."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PIECE = 65_536


@dataclass
class Counted:
    """``up`` and ``down`` are bytes within TCP: headers, bodies and whatever else the two said."""

    port: int
    up: int = 0
    down: int = 0
    moved_at: float = field(default_factory=time.monotonic)

    @property
    def bytes(self) -> int:
        return self.up + self.down

    def wait_until_quiet(self, seconds: float, limit: float = 60) -> None:
        """Until nothing has passed for so long; AssertionError after ``limit``."""
        end = time.monotonic() + limit
        while time.monotonic() - self.moved_at < seconds:
            assert time.monotonic() < end, "it is never quiet"
            time.sleep(0.05)


@contextlib.contextmanager
def counting(port: int) -> Iterator[Counted]:
    """A proxy in front of what listens on ``port`` of this machine."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        counted = Counted(listener.getsockname()[1])
        threading.Thread(target=_take_calls, args=(listener, port, counted), daemon=True).start()
        yield counted


def _take_calls(listener: socket.socket, port: int, counted: Counted) -> None:
    with contextlib.suppress(OSError):  # closed: no more calls
        while True:
            caller, _ = listener.accept()
            try:
                called = socket.create_connection(("127.0.0.1", port))
            except OSError:
                caller.close()
                continue
            for source, sink, way in ((caller, called, "up"), (called, caller, "down")):
                threading.Thread(target=_pass_on, args=(source, sink, way, counted), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket, way: str, counted: Counted) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            sink.sendall(piece)
            setattr(counted, way, getattr(counted, way) + len(piece))
            counted.moved_at = time.monotonic()
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
