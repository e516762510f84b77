"""Are the folders, the memory and the disk fit for three days?"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from allpoints.app.doctor.finding import Finding, doubtful, well, wrong
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings

MEGABITS = {"large": 6.0, "small": 3.0, "audio": 0.2}
"""What a ladder writes a second, rounded up."""

LITTLE_DISK_GB = 5
SLOW_SYNC_MS = 100
SYNCS = 12


def nearest_existing(folder: Path) -> Path:
    """``folder``, or the nearest parent that is there."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def check_memory_folder(settings: Settings, folders: Folders) -> Iterator[Finding]:
    place = nearest_existing(folders.memory)
    kind = next(
        (words[2] for line in reversed(Path("/proc/mounts").read_text().splitlines())
         if (words := line.split()) and place.is_relative_to(words[1]) and words[1] != "/"), "",
    )
    free = shutil.disk_usage(place).free / 1e6
    needed = MEGABITS[settings.ladder] / 8 * (settings.retention + settings.release_delay + 30) * 1.5
    if free < needed:
        yield wrong("Memory folder", f"{place} has {free:,.0f} MB free, {needed:,.0f} are needed",
                    "Lower --retention, or set ALLPOINTS_MEMORY to a larger folder.")
    elif kind != "tmpfs":
        yield doubtful("Memory folder", f"{place} lies on a disk: a slow disk can hold up the stream",
                       "Give this machine a /dev/shm (docker: --shm-size=512m), or set ALLPOINTS_MEMORY to a tmpfs.")
    else:
        yield well("Memory folder", f"{free:,.0f} MB free in {place}, {needed:,.0f} needed")


def check_disk(folders: Folders) -> Iterator[Finding]:
    place = nearest_existing(folders.data)
    if not os.access(place, os.W_OK):
        yield wrong("Data folder", f"this user may not write to {place}", "Choose another folder with --data.")
        return
    free = shutil.disk_usage(place).free / 1e9
    if free < LITTLE_DISK_GB:
        yield doubtful("Disk", f"{free:.1f} GB free at {place}", "Make room: clips and recordings need it.")
    else:
        yield well("Disk", f"{free:,.0f} GB free at {place}")


def check_sync(folders: Folders, clock: Clock) -> Iterator[Finding]:
    """How long the disk takes to make a small write durable; the median of a few."""
    took = []
    with tempfile.TemporaryFile(dir=nearest_existing(folders.data)) as file:
        for _ in range(SYNCS):
            began = clock.monotonic()
            file.write(b"x" * 512)
            file.flush()
            os.fsync(file.fileno())
            took.append((clock.monotonic() - began) * 1000)
    median = sorted(took)[SYNCS // 2]
    said = f"a durable write takes {median:.1f} ms, at worst {max(took):.0f} ms"
    if median > SLOW_SYNC_MS:
        yield doubtful("Disk speed", said, "Put --data on a faster disk; the stream itself does not wait for it.")
    else:
        yield well("Disk speed", said)


def check_database(folders: Folders) -> Iterator[Finding]:
    """The gathering's database where there is one, else that one could be made."""
    if folders.database.exists():
        with closing(sqlite3.connect(f"file:{folders.database}?mode=rw", uri=True)) as database:
            answer = database.execute("PRAGMA quick_check(1)").fetchone()[0]
            database.execute("BEGIN IMMEDIATE")
            database.rollback()
        if answer == "ok":
            yield well("Database", "whole and writable")
        else:
            yield wrong("Database", f"damaged: {answer}", "Move it aside and put back a copy; the stage goes on.")
        return
    with tempfile.TemporaryDirectory(dir=nearest_existing(folders.data)) as folder, \
            closing(sqlite3.connect(Path(folder) / "try.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE tried (it)")
    yield well("Database", "none yet; one can be made here")
