"""CPU time of process trees, read from /proc."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that have ended, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def tree(pid: int) -> list[int]:
    """A process and all its living descendants."""
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except FileNotFoundError:
            continue  # the thread ended meanwhile
        for child in children:
            pids += tree(int(child))
    return pids


def tree_cpu_seconds(pid: int) -> float:
    """CPU time of a whole tree of processes, in seconds."""
    total = 0.0
    for member in tree(pid):
        try:
            total += cpu_seconds(member)
        except FileNotFoundError:
            continue
    return total
