"""Two machines that hold one gathering, and Debian's nginx in front of them.

Each has a network namespace of its own where the kernel lets us make them, else an address of the loopback network.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.kernel.timeline import Timeline
from allpoints.publish.air import Air, read_air
from allpoints.schedule.model import SourceSpec
from allpoints.schedule.store import seed_once
from tests.stand_ins.front import front_before, running_nginx
from tests.stand_ins.gatherings import OnAir, a_free_port, gathering_of
from tests.stand_ins.serving import descendants, eventually


@dataclass
class Machine(OnAir):
    """One of the two. ``web`` and ``rtmp`` are host and port; ``inside`` is how a command is run on it."""

    web: str = ""
    rtmp: str = ""
    inside: Sequence[str] = ()

    def serve(self) -> None:
        """``allpoints serve`` on this machine."""
        self.processes["serve"] = subprocess.Popen(
            [*self.inside, sys.executable, "-m", "allpoints", "serve"], env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL, cwd=self.folders.data,
        )

    def command(self, *words: str) -> str:
        """Run a command of Allpoints on it; what it says."""
        return subprocess.run(
            [sys.executable, "-m", "allpoints", *words], env={**os.environ, **self.environment}, check=True,
            capture_output=True, text=True, timeout=60,
        ).stdout

    def lose_power(self) -> None:
        """All its processes at once, and what was in memory."""
        supervisor = self.processes.pop("serve")
        for pid in (supervisor.pid, *descendants(supervisor.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        supervisor.wait()

    @property
    def air(self) -> Air | None:
        return read_air(self.folders)


class Wires:
    """Namespaces ``north`` and ``south``, each joined with the root namespace and with the other."""

    def __init__(self) -> None:
        mark = secrets.token_hex(2)
        self.net = f"10.{secrets.randbelow(200) + 20}.{secrets.randbelow(250)}"
        self.north, self.south = f"n{mark}", f"s{mark}"
        self._mark = mark

    def lay(self) -> None:
        """Raises CalledProcessError where this is not permitted."""
        # Where a wire is cut nobody else may answer, as what lies behind the default route of a test's machine might.
        ip("route", "add", "unreachable", f"{self.net}.0/24")
        for name in (self.north, self.south):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        self._wire("", self.south, 4)
        self.join_north()

    def join_north(self) -> None:
        """Its two wires, as at first."""
        self._wire("", self.north, 0)
        self._wire(self.south, self.north, 8)

    def cut_north(self) -> None:
        """What the others notice when its namespace is removed: its wires are gone. What runs in it knows nothing."""
        for number in (0, 8):
            ip("-n", self.north, "link", "del", f"v{self._mark}{number}b")

    def remove(self) -> None:
        """All of it."""
        with suppress(subprocess.CalledProcessError):
            ip("route", "del", "unreachable", f"{self.net}.0/24")
        for name in (self.north, self.south):
            with suppress(subprocess.CalledProcessError):
                ip("netns", "del", name)

    def _wire(self, one: str, other: str, number: int) -> None:
        ends = [f"v{self._mark}{number}{end}" for end in "ab"]
        ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        for end, name, host in zip(ends, (one, other), (number + 1, number + 2), strict=True):
            if name:
                ip("link", "set", end, "netns", name)
            at = ("-n", name) if name else ()
            ip(*at, "addr", "add", f"{self.net}.{host}/30", "dev", end)
            ip(*at, "link", "set", end, "up")


def ip(*words: str) -> None:
    """iproute2."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@dataclass
class Pair:
    """``north`` is the first machine, ``south`` stands by. Without ``wires`` there are only processes to kill."""

    north: Machine
    south: Machine
    front: str
    wires: Wires | None

    def lose_north(self) -> None:
        """The first machine is gone, for everybody else at least."""
        if self.wires:
            self.wires.cut_north()
        else:
            self.north.lose_power()

    def north_comes_back(self) -> None:
        """As it was when it was lost."""
        if self.wires:
            self.wires.join_north()
        else:
            self.north.serve()


@contextmanager
def two_machines(folder: Path, sources: Sequence[SourceSpec], **settings: str) -> Iterator[Pair]:
    """Both serve, the second stands by, nginx is in front; ``settings`` are those of both."""
    gathering = gathering_of(sources, datetime.now(UTC))
    with ExitStack() as stack:
        wires: Wires | None = Wires()
        assert wires
        stack.callback(wires.remove)
        try:
            wires.lay()
        except (OSError, subprocess.CalledProcessError):
            wires.remove()
            wires = None
        # Where a machine listens is by whom it is reached: the other has another wire to it than the front.
        hosts = (f"{wires.net}.2", f"{wires.net}.6") if wires else ("127.0.0.2", "127.0.0.3")
        talk = (f"{wires.net}.10", f"{wires.net}.9") if wires else hosts
        machines = []
        ports = [(8080, 1935) if wires else (a_free_port(), a_free_port()) for _ in hosts]
        for index, name in enumerate(("north", "south")):
            folders = Folders.beneath(folder / name)
            folders.make()
            with closing(open_storage(folders)) as storage:
                seed_once(storage, gathering, datetime.now(UTC))
            web, rtmp = ports[index]
            listen = "0.0.0.0" if wires else hosts[index]  # the former within a namespace of its own
            other = f"http://{talk[1 - index]}:{ports[1 - index][0]}"
            given = {
                "data": str(folders.data), "host": listen, "port": str(web), "rtmp_host": listen,
                "rtmp_port": str(rtmp), "standby_key": "a key that only the two lamps know",
                "standby_of" if index else "peer": other, **settings,
            }
            inside = ("ip", "netns", "exec", getattr(wires, name)) if wires else ()
            environment = {f"ALLPOINTS_{key.upper()}": value for key, value in given.items()}
            machines.append(Machine(
                folders, Timeline(gathering.epoch), environment,
                web=f"{hosts[index]}:{web}", rtmp=f"{hosts[index]}:{rtmp}", inside=inside,
            ))
        for machine in machines:
            stack.callback(machine.stop)
            machine.serve()
            if machine is machines[0]:  # as the docs say: one that was never on air is no first machine to follow
                eventually(lambda: any(machines[0].folders.public.glob("*/g1-*.m4s")) or None, 60)
        front = stack.enter_context(nginx_in_front(folder / "front", [machine.web for machine in machines]))
        yield Pair(machines[0], machines[1], front, wires)


@contextmanager
def nginx_in_front(folder: Path, machines: Sequence[str], front: str | None = None) -> Iterator[str]:
    """Debian's nginx with the front of the docs (or this one) before these two; its address."""
    folder.mkdir()
    port = a_free_port()
    conf = front_before(machines, front).replace("listen 80;", f"listen 127.0.0.1:{port};")
    with running_nginx(folder, conf):
        yield f"http://127.0.0.1:{port}"
