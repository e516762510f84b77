"""Child processes that never outlive their parent, and back-off for starting them again."""

from __future__ import annotations

import contextlib
import ctypes
import enum
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _end_with_parent(parent: int) -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died between fork and prctl
        os._exit(1)


def start_child(
    arguments: Sequence[str],
    *,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
    environment: dict[str, str] | None = None,
    own_group: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a process that the kernel kills with SIGKILL when the starting *thread's* process dies.

    With ``own_group`` it leads a process group of its own: a Ctrl-C in the terminal does not reach it, and
    ``os.killpg`` reaches all that it started.

    Linux ties PR_SET_PDEATHSIG to the thread that forked: call this from a thread that lives as long as the
    process (the main thread or a long-lived owner loop), or the child dies with the thread.
    """
    parent = os.getpid()
    return subprocess.Popen(
        list(arguments), stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=pass_fds, env=environment,
        preexec_fn=lambda: _end_with_parent(parent), process_group=0 if own_group else None,
    )


class Life(enum.Enum):
    """What the kernel says a process does."""

    AT_WORK = enum.auto()  # some thread computes, waits for a processor or for a disk
    ASLEEP = enum.auto()  # all threads wait for something to come
    STOPPED = enum.auto()  # by SIGSTOP or its like
    GONE = enum.auto()


def life_of(pid: int) -> Life:
    """What process ``pid`` does now."""
    states = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):  # a thread that has just ended
                states.add(_state_in(task))
    if not states - {b"Z", b"X"}:
        return Life.GONE
    if b"T" in states:
        return Life.STOPPED
    return Life.AT_WORK if states & {b"R", b"D", b"t"} else Life.ASLEEP  # t: looked at with a debugger


def is_stopped(pid: int) -> bool:
    """Whether process ``pid`` was stopped; cheaper than ``life_of``."""
    with contextlib.suppress(OSError):
        return _state_in(Path(f"/proc/{pid}")) == b"T"
    return False


def _state_in(folder: Path) -> bytes:
    return (folder / "stat").read_bytes().rpartition(b")")[2].split()[0]


@dataclass
class Backoff:
    """How long to wait before the next start of something that keeps dying: doubles up to ``limit`` seconds."""

    first: float = 0.1
    limit: float = 5.0
    calm: float = 30.0
    _delay: float = 0.0
    _last_start: float = float("-inf")

    def started(self, monotonic: float) -> None:
        """Note a start; a child that had lived for ``calm`` seconds is forgiven."""
        if monotonic - self._last_start > self.calm:
            self._delay = 0.0
        self._last_start = monotonic

    def next_delay(self) -> float:
        """Seconds to wait before the next start."""
        delay = self._delay
        self._delay = min(self.limit, max(self.first, self._delay * 2))
        return delay
