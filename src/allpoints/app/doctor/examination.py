"""The whole examination, check by check."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from allpoints.app.doctor import machine, media, places, recording
from allpoints.app.doctor.finding import Finding, wrong
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings

Check = Callable[[], Iterator[Finding]]


def examine(settings: Settings, folders: Folders, clock: Clock, *, is_serving: bool) -> Iterator[Finding]:
    """Every finding, as each check gives it; takes a few seconds. A check that breaks is a finding itself."""
    checks: dict[str, Check] = {
        "Cores": lambda: machine.check_cores(settings),
        "Memory": machine.check_memory,
        "Python": machine.check_python,
        "Ports": lambda: machine.check_ports(settings, is_serving),
        "Clock": lambda: machine.check_clock(clock),
        "Pictures": lambda: media.check_pictures(clock),
        "Sound": media.check_sound,
        "Sources": media.check_source_child,
        "Text": media.check_text,
        "Memory folder": lambda: places.check_memory_folder(settings, folders),
        "Disk": lambda: places.check_disk(folders),
        "Recording": lambda: recording.check_recording(settings, folders, clock),
        "Disk speed": lambda: places.check_sync(folders, clock),
        "Database": lambda: places.check_database(folders),
    }
    for subject, check in checks.items():
        try:
            yield from check()
        except Exception as error:  # whatever is wrong with the machine, the other rows are wanted
            yield wrong(subject, f"could not be looked at: {error or type(error).__name__}", "Put this right first.")
