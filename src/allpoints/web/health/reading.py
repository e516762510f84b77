"""Where the facts come from: the folders of the gathering and the kernel. Nothing here asks the web."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from allpoints.contribute.ingest_status import IngestStatus, read_status
from allpoints.contribute.recording.state import read_state
from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import read_processes
from allpoints.publish.dumps import dumps_path
from allpoints.publish.simulcast.report import SimulcastReport, read_report
from allpoints.stage.protocol import StageReport
from allpoints.web.health.snapshot import Process, Rendition, Snapshot, Space, Standby
from allpoints.web.published import position_of

STALE_SECONDS = 5.0
"""A state file that is older was left behind by a process that is no more."""

Fresh = TypeVar("Fresh", IngestStatus, SimulcastReport)


def read_snapshot(
    folders: Folders, clock: Clock, report: StageReport | None, silent_s: float | None
) -> Snapshot:
    """Gather all facts; takes a few milliseconds. What cannot be read is left out, never an error."""
    now = clock.now()
    return Snapshot(
        at=now,
        report=report,
        silent_s=silent_s,
        ingest=_fresh(read_status(folders), now),
        renditions=sorted(_renditions(folders), key=lambda rendition: rendition.name),
        processes=list(_processes(folders)),
        disk=_space(folders.data),
        memory=_space(folders.memory),
        dumps=_lines(dumps_path(folders)),
        recording=read_state(folders, now),
        simulcast=_fresh(read_report(folders), now),
        standby=_standby(folders.memory / "air-standing.json", now),
    )


def _fresh(state: Fresh | None, now: datetime) -> Fresh | None:
    """What a process wrote of itself, if it still does."""
    return state if state and abs((now - state.at).total_seconds()) < STALE_SECONDS else None


def _renditions(folders: Folders) -> Iterator[Rendition]:
    now = SystemClock().now()  # files are dated by the machine's own clock, a demo may shift ours
    for path in folders.public.glob("*/index.m3u8"):
        try:
            text, changed_at = path.read_text(), path.stat().st_mtime
        except OSError:
            continue
        age = abs(now.timestamp() - changed_at)  # one of the future is of a clock that was set back
        yield Rendition(path.parent.name, position_of(text).next_segment, age, text.count("\n#EXT-X-GAP\n"))


def _processes(folders: Folders) -> Iterator[Process]:
    notes = read_processes(folders)
    if notes is None:
        return
    yield Process("supervisor", notes.supervisor, 1, *_usage(notes.supervisor))
    for note in notes.processes:
        yield Process(note.name, note.pid, note.starts, *_usage(note.pid))


def _usage(pid: int | None) -> tuple[int | None, int | None, int | None]:
    """Descriptors in use, how many may be, and resident bytes."""
    place = Path(f"/proc/{pid}")
    try:
        limits = (place / "limits").read_text().splitlines()
        limit = next(line.split()[3] for line in limits if line.startswith("Max open files"))
        pages = int((place / "statm").read_text().split()[1])
        return len(os.listdir(place / "fd")), int(limit), pages * os.sysconf("SC_PAGESIZE")  # noqa: PTH208 - names only
    except (OSError, ValueError, StopIteration):
        return None, None, None


def _space(folder: Path) -> Space:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return Space(0, 0)
    return Space(usage.free, usage.total)


def _lines(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except OSError:
        return 0


def _standby(path: Path, now: datetime) -> Standby | None:
    try:
        state = msgspec.json.decode(path.read_bytes(), type=Standby)
    except (OSError, msgspec.MsgspecError):
        return None
    return state if abs((now - state.at).total_seconds()) < STALE_SECONDS else None
