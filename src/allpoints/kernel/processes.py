"""What the supervisor knows of its processes, for everybody else: a small file in the memory folder."""

from __future__ import annotations

from datetime import datetime

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders


class ProcessNote(msgspec.Struct, frozen=True):
    """One process. ``pid`` is None while it does not run; ``is_ready`` once its loop turned for the first time.

    ``last_end`` tells in words how its last end came about, empty if it never ended; ``status`` is what it says of
    itself.
    """

    name: str
    pid: int | None = None
    starts: int = 0
    is_ready: bool = False
    started_at: datetime | None = None
    last_end: str = ""
    ended_at: datetime | None = None
    status: str = ""


class ProcessNotes(msgspec.Struct, frozen=True):
    """All processes of one supervisor, whose own number is ``supervisor``."""

    supervisor: int
    written_at: datetime
    processes: list[ProcessNote]


def write_processes(folders: Folders, notes: ProcessNotes) -> None:
    """Note down how the processes are. Raises OSError when the memory folder is full."""
    write_atomically(folders.processes, msgspec.json.format(msgspec.json.encode(notes)))


def read_processes(folders: Folders) -> ProcessNotes | None:
    """What the supervisor noted last; None where there is none, as with one unit of systemd for each process."""
    try:
        return msgspec.json.decode(folders.processes.read_bytes(), type=ProcessNotes)
    except (OSError, msgspec.MsgspecError):
        return None
