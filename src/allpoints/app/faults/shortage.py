"""Faults of the machine: no room left, no descriptors left, no memory left, another hour on the clock."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from allpoints.app.faults.house import House
from allpoints.app.faults.signals import not_running
from allpoints.app.small_disk import is_small
from allpoints.kernel.clock import LOOK_EVERY
from allpoints.kernel.files import write_atomically

_ = str  # marks what catalogues translate

BALLAST = ".ballast"
_BLOCKS = (1 << 20, 1 << 12, 1)
_SPARE_DESCRIPTORS = 4
_KNOCKS = 24


@dataclass(frozen=True)
class Filled:
    """A ballast file takes all room that is left, on a disk made small for it; undone, the file is gone."""

    place: Literal["recordings", "memory"]

    def obstacle(self, house: House) -> str:
        """Why not here: a disk that others use too is never filled."""
        return "" if is_small(self._folder(house)) else _(
            "Here it has no small disk of its own, and the machine’s is never filled. “allpoints drill” may have one."
        )

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Fill it, and empty it at the end."""
        ballast = self._folder(house) / BALLAST
        try:
            fill(ballast)
            yield
        finally:
            ballast.unlink(missing_ok=True)

    def _folder(self, house: House) -> Path:
        return house.folders.memory if self.place == "memory" else house.folders.recordings


def fill(ballast: Path) -> None:
    """Write until no byte more fits."""
    with ballast.open("wb", buffering=0) as file:
        for size in _BLOCKS:
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise


@dataclass(frozen=True)
class UsedUp:
    """Nearly no descriptors are left to a process that listens, and the rest is taken by callers who say nothing."""

    process: str

    def obstacle(self, house: House) -> str:
        """Why not here."""
        return not_running(self.process, house)

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Lower its limit and call; hang up and raise the limit at the end."""
        with house.held(self.process) as process, ExitStack() as calls:
            used = len(os.listdir(f"/proc/{process.pid}/fd"))  # noqa: PTH208
            with lowered(process.pid, resource.RLIMIT_NOFILE, used + _SPARE_DESCRIPTORS):
                for _call in range(_KNOCKS):
                    with contextlib.suppress(OSError):
                        calls.enter_context(socket.create_connection(house.web_address, timeout=0.2))
                yield


@dataclass(frozen=True)
class Starved:
    """A process gets no byte of memory more than it has."""

    process: str

    def obstacle(self, house: House) -> str:
        """Why not here."""
        return not_running(self.process, house)

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Take away the growth; give it back at the end, if the process still lives."""
        with house.held(self.process) as process:
            pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0])
            with lowered(process.pid, resource.RLIMIT_AS, pages * resource.getpagesize()):
                yield


@contextmanager
def lowered(pid: int, limit: int, to: int) -> Iterator[None]:
    """Lower a soft limit of another process for a while."""
    soft, hard = resource.prlimit(pid, limit)
    resource.prlimit(pid, limit, (to, hard))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, limit, (soft, hard))


@dataclass(frozen=True)
class Stepped:
    """The gathering's wall clock jumps by ``seconds``, and back again at the end; the machine's does not."""

    seconds: int

    def obstacle(self, _house: House) -> str:
        """Possible wherever there is a gathering of the demo."""
        return ""

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Step, and step back."""
        file = house.folders.clock_shift
        write_atomically(file, str(self.seconds).encode())
        house.clock.sleep(LOOK_EVERY)
        try:
            yield
        finally:
            file.unlink(missing_ok=True)

