"""The drill's gathering, broken from outside: in a process of its own, because it needs mounts of its own.

``python -m tests.stand_ins.broken_house`` prints its address, then for each line with a fault's code what came of it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from allpoints.app.drill.drill import held_drill
from allpoints.app.drill.grading import Graded
from allpoints.app.faults import fault_of
from allpoints.app.small_disk import enter_own_mounts
from allpoints.kernel.clock import SystemClock
from allpoints.staff.secret import replace_secret


class About(msgspec.Struct, frozen=True):
    """How to get in."""

    url: str
    secret: str
    watcher: str


@dataclass(frozen=True)
class BrokenHouse:
    """The other end of it."""

    about: About
    process: subprocess.Popen[bytes]

    def cause(self, code: str) -> Graded:
        """Cause a fault; blocks until it is over and graded."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(code.encode() + b"\n")
        self.process.stdin.flush()
        return msgspec.json.decode(self.process.stdout.readline(), type=Graded)


@contextmanager
def broken_house() -> Iterator[BrokenHouse]:
    """Start one, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stand_ins.broken_house"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, "it did not go on air"
            yield BrokenHouse(msgspec.json.decode(line, type=About), process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> None:
    refused = enter_own_mounts()
    clock = SystemClock()
    with held_drill("small", clock, has_own_mounts=not refused, with_panel=True, with_chromium=True) as drill:
        host, port = drill.house.web_address
        watched_by = drill.chromium.name if drill.chromium else ""
        told: About | Graded = About(f"http://{host}:{port}", replace_secret(drill.house.folders), watched_by)
        while True:
            print(msgspec.json.encode(told).decode(), flush=True)
            code = sys.stdin.readline().strip()
            if not code:
                return
            fault = fault_of(code)
            assert fault is not None
            told = drill.cause(fault)


if __name__ == "__main__":
    main()
