"""The pages of the invented assembly with a moving stream, as processes that a test or a tool may kill and start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from allpoints.kernel.folders import Folders
from tests.stand_ins.gatherings import a_free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Live:
    """A site and its stream, as processes that a test may kill and start again."""

    data: Path
    port: int
    settings: dict[str, str]
    secret: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def folders(self) -> Folders:
        return Folders.beneath(self.data)

    def start(self, name: str) -> None:
        """``site`` (web and a stage that only talks), or ``broadcast`` or ``slate`` (the publisher)."""
        places = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        environment = {**os.environ, **self.settings, "ALLPOINTS_PORT": str(self.port), "PYTHONPATH": places}
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", f"tests.stand_ins.{name}", str(self.data)], env=environment, cwd=ROOT,
        )
        wait_for(self.is_serving if name == "site" else self.is_streaming, 60)

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def is_serving(self) -> bool:
        try:
            return httpx.get(f"{self.address}/api/now").status_code == 200
        except httpx.HTTPError:
            return False

    def is_streaming(self) -> bool:
        """Whether playlists move and hold enough to start from."""
        playlists = list(self.folders.public.glob("*/index.m3u8"))
        moving = [path for path in playlists if path.stat().st_mtime > time.time() - 4]
        return bool(moving) and all(path.read_text().split("#EXT-X-GAP")[-1].count(".m4s") > 2 for path in moving)

    def is_lasting(self) -> bool:
        """Whether it has run for so long that players of long segments find as many as they begin with."""
        lists = list(self.folders.public.glob("*/long.m3u8"))
        return bool(lists) and all(path.read_text().split("GAP")[-1].count(".m4s") > 3 for path in lists)

    def holes(self) -> int:
        """Segments listed as missing: a machine too busy to make them, and no fault of who watches."""
        return sum(path.read_text().count("#EXT-X-GAP") for path in self.folders.public.glob("*/index.m3u8"))


def wait_for(holds: Callable[[], bool], seconds: float) -> None:
    """Look every 100 ms; an AssertionError when it never holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@contextmanager
def live_site(folder: Path, *, is_on_air: bool = True, has_days: bool = True, **settings: str) -> Iterator[Live]:
    """A site and its stream below ``folder``, until the block is left; off air or without a plan if so wished."""
    if not has_days:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "no-days").touch()
    live = Live(folder, a_free_port(), {"ALLPOINTS_LADDER": "small", **settings})
    try:
        live.start("site")
        live.secret = (folder / "secret.txt").read_text()
        if is_on_air:
            live.start("broadcast")
        yield live
    finally:
        live.stop()

