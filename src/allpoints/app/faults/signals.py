"""Faults by signal: a process is killed as by the kernel, or hangs as in an endless loop."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from allpoints.app.faults.house import ON_AIR_CHILD, House

_ = str  # marks what catalogues translate


@dataclass(frozen=True)
class Killed:
    """SIGKILL to a process of the gathering. Nothing undoes it: whoever looks after the process starts it again."""

    process: str

    def obstacle(self, house: House) -> str:
        """Why not here."""
        if self.process == "supervisor" and not house.is_kept:
            return _("Started by hand, nobody would start it again. “allpoints drill” does that and kills it.")
        return not_running(self.process, house)

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Kill it."""
        with house.held(self.process) as process:
            process.send(signal.SIGKILL)
        yield


@dataclass(frozen=True)
class Hung:
    """SIGSTOP to a process; SIGCONT at the end, unless it was ended and replaced meanwhile."""

    process: str

    def obstacle(self, house: House) -> str:
        """Why not here."""
        return not_running(self.process, house)

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Stop it, and wake it at the end."""
        with house.held(self.process) as process:
            process.send(signal.SIGSTOP)
            try:
                yield
            finally:
                process.send(signal.SIGCONT)


def not_running(process: str, house: House) -> str:
    """The obstacle where the process is not part of this gathering."""
    running = house.running()
    if ("stage" if process == ON_AIR_CHILD else process) in running:
        return ""
    return _("This process does not run here.")
