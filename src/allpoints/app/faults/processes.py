"""The processes of a running gathering, as its supervisor tells them, and the children of each."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import ProcessNote, read_processes
from allpoints.kernel.supervision import Life, life_of


class NoSuchProcess(AllpointsError):
    """A process that a fault is meant for does not run now."""

    code = "no_such_process"
    status = 409
    for_people = "The process “{name}” does not run just now. Wait a moment, then try again."


def running(folders: Folders) -> dict[str, ProcessNote]:
    """The processes that run now, by name, the supervisor among them; none when nothing runs."""
    notes = read_processes(folders)
    if notes is None:
        return {}
    rows = [*notes.processes, ProcessNote("supervisor", notes.supervisor)]
    return {row.name: row for row in rows if row.pid and life_of(row.pid) is not Life.GONE}


def children(pid: int) -> list[int]:
    """The processes that ``pid`` started, whichever of its threads did."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def command(pid: int) -> list[str]:
    """The words that a process was started with; none when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
    except OSError:
        return []


class Held:
    """A process held by its descriptor, so that no later process of the same number is ever meant."""

    def __init__(self, name: str, pid: int) -> None:
        self.name = name
        self.pid = pid
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            raise NoSuchProcess(name=name) from None

    def send(self, number: signal.Signals) -> bool:
        """Send a signal; False when the process is gone."""
        try:
            signal.pidfd_send_signal(self._descriptor, number)
        except ProcessLookupError:
            return False
        return True

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)
