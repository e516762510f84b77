"""Recorders of a published program, driven by the test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from allpoints.contribute.recording.gaps import Gap, GapLog, read_gaps
from allpoints.contribute.recording.track import Track
from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import LADDERS
from allpoints.publish.recording.program_recorder import ProgramRecorder
from tests.stand_ins.publishing import TIMELINE


def program_recorder(
    folders: Folders, ladder: str = "audio", what: str = "program", clock: Clock | None = None
) -> ProgramRecorder:
    """A recorder that looks when ``look`` is called; nothing of it is remembered but its files."""
    clock = clock or SystemClock()
    kind = "clean" if what == "clean" else "program"
    track = Track(what, kind, folders, GapLog(folders), clock)  # type: ignore[arg-type]
    return ProgramRecorder(track, LADDERS[ladder].with_clean(), folders, TIMELINE, clock)


def told(folders: Folders) -> list[tuple[str, float, bool | None]]:
    """Each gap: its code, its length in seconds (−1 while it is open), whether something is lost."""
    def length(gap: Gap) -> float:
        return -1 if gap.ended_at is None else (gap.ended_at - gap.began_at).total_seconds()
    return [(gap.code, length(gap), gap.lost) for gap in read_gaps(folders)]


def files(folder: Path) -> list[str]:
    """The names of a recording's files, in order."""
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def small_disk(folders: Folders) -> Iterator[Path]:
    """One megabyte to record on; gives the path of a file to fill it with. Skips where one may not mount."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folders.recordings)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("nobody but root may mount a small disk")
    try:
        yield folders.recordings / "junk"
    finally:
        subprocess.run(["umount", "-l", str(folders.recordings)], check=True)
