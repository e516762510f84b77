"""A real browser, the real server, a real stream: each made once for all tests that only look."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from allpoints.kernel.folders import Folders

ROOT = Path(__file__).parents[2]
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio",
]


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
        """``site`` (web and a stage that only talks) or ``broadcast`` (the publisher)."""
        environment = {**os.environ, **self.settings, "ALLPOINTS_PORT": str(self.port), "PYTHONPATH": str(ROOT)}
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

    def is_serving(self) -> bool:
        try:
            return httpx.get(f"{self.address}/api/now").status_code == 200
        except httpx.HTTPError:
            return False

    def is_streaming(self) -> bool:
        """Whether playlists move and hold enough to start from."""
        playlists = list(self.folders.public.glob("*/index.m3u8"))
        moving = [path for path in playlists if path.stat().st_mtime > time.time() - 4]
        return bool(moving) and all(path.read_text().split("#EXT-X-GAP")[-1].count(".m4s") > 4 for path in moving)


def wait_for(holds: Callable[[], bool], seconds: float) -> None:
    """Look every 100 ms; an AssertionError when it never holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


def _live(folder: Path, port: int, **settings: str) -> Iterator[Live]:
    live = Live(folder, port, {"ALLPOINTS_LADDER": "small", **settings})
    try:
        live.start("site")
        live.secret = (folder / "secret.txt").read_text()
        live.start("broadcast")
        yield live
    finally:
        live.stop()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    yield from _live(tmp_path_factory.mktemp("classic"), _free_port())


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    yield from _live(tmp_path_factory.mktemp("quick"), _free_port(), ALLPOINTS_LOW_LATENCY="on")


@pytest.fixture(scope="module")  # while it is open, no other event loop runs in this thread
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose scripts must not fail."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en", timezone_id="Asia/Tehran")
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert not failures


def figure(page: Page, name: str) -> str:
    """One of the player's figures."""
    value = page.evaluate("name => document.getElementById('player').dataset[name]", name)
    return str(value)


def wait_for_state(page: Page, state: str, seconds: float = 20) -> None:
    """Until the player says so."""
    page.wait_for_function(
        "state => document.getElementById('player').dataset.state === state", arg=state, timeout=seconds * 1000
    )
