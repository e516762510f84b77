"""Players that know nothing of Allpoints play what it publishes: hls.js, Shaka Player, WebKitGTK."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.stand_ins.browsers import chromium
from tests.stand_ins.clips import flash_and_beep, make
from tests.stand_ins.gatherings import a_free_port, file_source, held_gathering

from allpoints.stage.protocol import Take

MODULES = Path("frontend/node_modules").resolve()
PAGE = (
    '<video id="v" muted autoplay></video><script src="/{script}"></script>'
    "<script>window.errors = [];{start}</script>"
)
STARTS = {
    "hls.js/dist/hls.js": (
        "const h = new Hls({lowLatencyMode: true});"
        "h.on(Hls.Events.ERROR, (_, d) => d.fatal && errors.push(d.details));"
        "h.loadSource('%s'); h.attachMedia(v); v.play();"
    ),
    "shaka-player/dist/shaka-player.compiled.js": (
        "const p = new shaka.Player(); p.addEventListener('error', e => errors.push(e.detail.code));"
        "p.attach(v).then(() => p.load('%s')).then(() => v.play()).catch(e => errors.push(String(e.code || e)));"
    ),
}
# On busy cores WebKitGTK's own process hangs in its first seek at about every second start, whatever its sound and
# drawing are set to, and does not come out of it: begin anew.
WEBKIT_STARTS = 8
STATE = "({time: v.currentTime, width: v.videoWidth, errors: window.errors})"


@dataclass(frozen=True)
class Shown:
    """A live stream on one port and other people's players on another: they are strangers to each other."""

    pages: str
    live: str

    def page(self, script: str, master: str) -> str:
        name = f"{script.split('/')[0]}-{master}.html"
        return f"{self.pages}/{name}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("players")
    clip = make(folder / "clip.mp4", flash_and_beep(30))
    rtmp_port, port = a_free_port(), a_free_port()
    live = f"http://127.0.0.1:{port}/live"
    with held_gathering(
        folder / "data", [file_source("clip", clip)], rtmp_port, port=str(port), low_latency="on"
    ) as on_air:
        on_air.start("web")
        on_air.until(lambda report: report.next is not None and report.next.ready)
        assert on_air.ask(Take()).ok
        served = folder / "pages"
        served.mkdir()
        for script, start in STARTS.items():
            shutil.copy(MODULES / script, served / Path(script).name)
            for master in ("master", "master-ll"):
                page = PAGE.format(script=Path(script).name, start=start % f"{live}/{master}.m3u8")
                (served / f"{script.split('/')[0]}-{master}.html").write_text(page)
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(served)))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        on_air.until(lambda report: (report.publication.released_tick or 0) > report.tick - 75)
        time.sleep(8)  # a window worth joining
        yield Shown(f"http://127.0.0.1:{server.server_port}", live)
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("master", ["master", "master-ll"])
@pytest.mark.parametrize("script", STARTS)
def test_it_plays_in_chromium(shown: Shown, browser: Browser, script: str, master: str) -> None:
    page = browser.new_page()
    page.goto(shown.page(script, master))
    page.wait_for_function("v.currentTime > 0 && v.videoWidth > 0", timeout=15_000)
    page.wait_for_timeout(2_000)
    before = page.evaluate(STATE)
    page.wait_for_timeout(5_000)
    after = page.evaluate(STATE)
    page.close()
    assert after["errors"] == []
    assert after["time"] - before["time"] == pytest.approx(5.0, abs=0.7)


@pytest.mark.alone
def test_it_plays_in_webkit(shown: Shown) -> None:
    for _ in range(WEBKIT_STARTS):
        try:
            states = played_in_webkit(shown)
        except TimeoutError:
            continue
        assert states[-1]["errors"] == []
        if _plays(states):
            break
    else:
        pytest.fail(f"WebKit was started {WEBKIT_STARTS} times and never played four seconds in four.")
    assert states[-1]["width"] > 0


def played_in_webkit(shown: Shown) -> list[dict[str, Any]]:
    """What its player tells every two seconds, until it plays. Raises TimeoutError where the browser hangs."""
    with _webkit() as session:
        session.call("POST", "/url", {"url": shown.page("hls.js", "master")})
        states: list[dict[str, Any]] = []
        while len(states) < 8 and not _plays(states):
            time.sleep(2)
            script = f"return JSON.stringify({STATE})"
            states.append(json.loads(session.call("POST", "/execute/sync", {"script": script, "args": []})))
    return states


def _plays(states: list[dict[str, Any]]) -> bool:
    return len(states) > 3 and abs(states[-1]["time"] - states[-3]["time"] - 4.0) < 0.6


class _webkit:  # noqa: N801 - used as a context manager
    """WebKitGTK's MiniBrowser on a virtual screen, through its own WebDriver."""

    def __enter__(self) -> _webkit:
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._screen.stdout is not None
        display = self._screen.stdout.readline().decode().strip()
        port = a_free_port()
        self._driver = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "DISPLAY": f":{display}", "LIBGL_ALWAYS_SOFTWARE": "1",
                 "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"},
        )
        self._base = f"http://127.0.0.1:{port}/session"
        deadline = time.monotonic() + 20
        while True:
            try:
                started = self._send("POST", "", {"capabilities": {}})
                break
            except OSError:
                if time.monotonic() > deadline:
                    self.__exit__()
                    raise
                time.sleep(0.2)
        self._base += "/" + started["sessionId"]
        return self

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, method=method, data=content)
        with urllib.request.urlopen(request, timeout=12) as answer:
            return json.load(answer)["value"]

    def __exit__(self, *_: object) -> None:
        for process in (self._driver, self._screen):
            process.kill()
            process.wait()
        assert self._screen.stdout is not None
        self._screen.stdout.close()
