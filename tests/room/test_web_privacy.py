"""Nothing is kept of who asks: no address, no browser name, in no file and no line of output."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.stand_ins.running_site import running_site

from allpoints.kernel.folders import Folders

AGENT = "CanaryAgent/7.31 (Keeper; x)"
ADDRESS = "198.51.100.77"
CANARIES = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "X-Real-IP": ADDRESS, "Forwarded": f"for={ADDRESS}"}
REQUESTS = [
    ("GET", "/", b""), ("GET", "/schedule", b""), ("GET", "/watch", b""), ("GET", "/api/now", b""),
    ("GET", "/schedule.ics", b""), ("GET", "/nowhere", b""), ("GET", "/live/master.m3u8", b""),
    ("GET", "/hall", b""), ("GET", "/text", b""), ("GET", "/now.txt", b""),
    ("GET", "/plain", b""), ("HEAD", "/plain/v240.mp4", b""),
    ("GET", "/static/nothing", b""), ("POST", "/control/sign-in", b"x" * 100_000),
    ("POST", "/control/sign-in", b"secret=wrong&name=x"), ("GET", "/control", b""), ("GET", "/control/live", b""),
    ("POST", "/api/control/take", b"{broken"), ("POST", "/api/control/dump", b"{}"), ("DELETE", "/", b""),
]


def forms(text: str) -> list[bytes]:
    """Plain, in hex, and by the usual digests."""
    plain = text.encode()
    digests = [hashlib.new(name, plain) for name in ("md5", "sha1", "sha256")]
    return [plain, plain.hex().encode(), *(d.digest() for d in digests), *(d.hexdigest().encode() for d in digests)]


def kept(folders: list[Path], output: bytes) -> list[str]:
    """Where a canary is found."""
    wanted = [*forms(AGENT), *forms(ADDRESS)]
    texts = {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    return [name for name, content in {**texts, "output": output}.items() if any(each in content for each in wanted)]


def test_a_canary_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"GET / " + AGENT.encode())
    output = hashlib.sha256(ADDRESS.encode()).hexdigest().encode()
    assert kept([tmp_path], output) == [str(tmp_path / "log"), "output"]


async def test_no_route_keeps_who_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folders = Folders.beneath(tmp_path / "data")
    caplog.set_level(logging.DEBUG)
    async with running_site(folders) as site:
        site.closing.set()
        for method, path, body in REQUESTS:
            await site.client.request(method, path, content=body, headers={
                **CANARIES, "Content-Type": "application/x-www-form-urlencoded"})
        await site.sign_in()
        assert (await site.client.get("/control", headers=CANARIES)).status_code == 200
        assert not kept([folders.data, folders.memory], caplog.text.encode())


@contextmanager
def served(data: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The real server, over an invented gathering."""
    code = (
        "import sys\nfrom datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from allpoints.kernel.folders import Folders\nfrom allpoints.kernel.settings import Settings\n"
        "from allpoints.web import serve_web\nfrom tests.stand_ins.assembly import assembly\n"
        "from tests.stand_ins.logs import quiet_log\n"
        "settings = Settings.read({'data': sys.argv[1], 'port': sys.argv[2]}, {})\n"
        "folders = Folders.beneath(Path(sys.argv[1]))\nfolders.make()\n"
        "serve_web(settings, folders, log=quiet_log(folders), gathering=assembly(datetime.now(UTC)))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(data), str(port)], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    try:
        for _ in range(150):
            with socket.socket() as probe:
                if process.poll() is not None or probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_server_keeps_nothing_and_ends_when_told(tmp_path: Path, free_port: Callable[[], int]) -> None:
    data, port = tmp_path / "data", free_port()
    with served(data, port) as process, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for method, path, body in REQUESTS:
            client.request(method, path, content=body, headers={**CANARIES, "Connection": "close"})
        with client.stream("GET", "/control/sign-in", headers=CANARIES) as aborted:
            next(aborted.iter_raw())
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=5)
        assert time.monotonic() - started < 3
        assert process.returncode == 0, output
        folders = Folders.beneath(data)
        assert not kept([data, folders.memory], output)
        assert not re.search(rb"127\.0\.0\.1", output)


def test_a_taken_port_is_said_in_a_sentence(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with served(tmp_path / "data", port) as process:
            output, _ = process.communicate(timeout=20)
    assert process.returncode != 0
    assert f"Something else already listens on 127.0.0.1, port {port}.".encode() in output
