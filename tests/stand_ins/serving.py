"""``allpoints serve`` in a process of its own, on free ports, as a person would start it."""

from __future__ import annotations

import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def allpoints(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "allpoints", *words], cwd=cwd, capture_output=True, text=True, check=False,
        env=os.environ | environment, timeout=60,
    )


def eventually(look: Callable[[], T | None], seconds: float) -> T:
    """What ``look`` finds, as soon as that is not None; the test fails after ``seconds``."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    pytest.fail(f"did not come about within {seconds} s")


class Serving:
    """One running command; ``lines`` are what it has printed so far."""

    def __init__(
        self, folder: Path, *, command: str = "serve", options: Sequence[str] = (), port: int = 0,
        within: Sequence[str] = (), environment: Mapping[str, str] | None = None,
    ) -> None:
        """``within``: a command that runs the rest of its words, such as ``unshare``."""
        self.port = port or free_port()
        self.rtmp_port = free_port()
        self.lines: list[str] = []
        self._printed: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [*within, sys.executable, "-m", "allpoints", command, "--port", str(self.port),
             "--rtmp-port", str(self.rtmp_port), *options],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0,
            env=os.environ | dict(environment or {}),
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self._printed.put(line.rstrip("\n"))
        self._printed.put(None)

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """The first line from now on that holds ``pattern``."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                line = self._printed.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                break
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        pytest.fail(f"no line with “{pattern}”:\n" + "\n".join(self.lines))

    def family(self) -> dict[str, int]:
        """The process ids of the children by the command each runs, and of all their descendants."""
        found = {}
        for pid in descendants(self.process.pid):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            name = words[3] if words[1:3] == ["-m", "allpoints"] else f"{Path(words[0]).name}-{pid}"
            found[name] = pid
        return found

    def end(self, seconds: float = 15) -> int:
        """SIGTERM, and wait."""
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        """SIGKILL; harmless when it has ended."""
        self.process.kill()
        self.process.wait()


def descendants(pid: int) -> list[int]:
    """Every process that ``pid`` or one of its own started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return []
    return [found for child in children for found in (child, *descendants(child))]


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pids: Sequence[int]) -> bool | None:
    """True when none of them is alive, else None: for ``eventually``."""
    return None if any(is_alive(pid) for pid in pids) else True
