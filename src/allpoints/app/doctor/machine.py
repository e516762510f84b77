"""Is the machine large enough, are its ports free, is its clock right?"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from allpoints.app.doctor.finding import Finding, doubtful, well, wrong
from allpoints.app.ports import check_free, listenings
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.settings import Settings

ENOUGH_CORES = {"large": 2.0, "small": 1.0, "audio": 1.0}
ENOUGH_MEMORY_MB = 1_000
PLAUSIBLE_YEARS = range(2025, 2100)

_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")


def usable_cores() -> float:
    """Cores this process may use: its CPU set, and the container's quota where there is one."""
    cores = float(len(os.sched_getaffinity(0)))
    try:
        quota, period = _CPU_LIMIT.read_text().split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else min(cores, int(quota) / int(period))


def available_memory_mb() -> int:
    """Memory that could be taken now, within the container's limit where there is one."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(lines["MemAvailable"].split()[0]) // 1024
    try:
        limit = _MEMORY_LIMIT.read_text().strip()
    except OSError:
        return available
    return available if limit == "max" else min(available, int(limit) // 2**20)


def check_cores(settings: Settings) -> Iterator[Finding]:
    cores, enough = usable_cores(), ENOUGH_CORES[settings.ladder]
    said = f"{cores:g} usable for the ladder “{settings.ladder}”"
    if cores >= enough:
        yield well("Cores", said)
    else:
        yield doubtful("Cores", said, f"Use a machine with {enough:g} cores, or --ladder small or audio.")


def check_memory() -> Iterator[Finding]:
    available = available_memory_mb()
    said = f"{available:,} MB available"
    if available >= ENOUGH_MEMORY_MB:
        yield well("Memory", said)
    else:
        yield doubtful("Memory", said, f"End other programs: {ENOUGH_MEMORY_MB:,} MB are needed.")


def check_python() -> Iterator[Finding]:
    yield well("Python", ".".join(map(str, sys.version_info[:3])))


def check_ports(settings: Settings, is_serving: bool) -> Iterator[Finding]:
    if is_serving:
        yield well("Ports", "in use by Allpoints itself, which runs on this data folder")
        return
    for listening in listenings(settings):
        subject = f"Port {listening.port}"
        try:
            check_free(listening)
        except AllpointsError as error:
            yield wrong(subject, *_said_and_next(error.sentence()))
        else:
            yield well(subject, f"free on {listening.host}")


def _said_and_next(sentence: str) -> tuple[str, str]:
    said, _, next_step = sentence.partition(". ")
    return said, next_step


class _Timex(ctypes.Structure):
    """``struct timex`` of adjtimex(2) on 64-bit Linux; the fields that are read, and room for the rest."""

    _fields_ = (("modes", ctypes.c_int), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("rest", ctypes.c_byte * 256))


_STA_UNSYNC = 0x0040


def clock_is_kept() -> bool | None:
    """Whether something such as NTP disciplines the clock, as the kernel knows it; None where it may not be asked."""
    timex = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex)) == -1:
        return None
    return not timex.status & _STA_UNSYNC


def check_clock(clock: Clock) -> Iterator[Finding]:
    now = clock.now()
    if now.year not in PLAUSIBLE_YEARS:
        yield wrong("Clock", f"says the year is {now.year}", "Set the machine's clock: times on air come from it.")
        return
    yield well("Clock", f"{now:%Y-%m-%d %H:%M} UTC")
    kept = clock_is_kept()
    if kept:
        yield well("Clock keeping", "kept in step with the world's")
    else:
        said = "the kernel does not say" if kept is None else "nothing keeps it in step with the world's"
        yield doubtful("Clock keeping", said,
                       "Have NTP set it (apt-get install chrony). A step while on air leaves a hole in the stream.")
