"""Whatever strangers send, no file and no line at the terminal has it; nor have logs the gathering's secrets."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
from pathlib import Path

import pytest
from tests.stand_ins.rtmp import HandPublisher
from tests.stand_ins.serving import Serving, allpoints, eventually

from allpoints.kernel.folders import Folders
from allpoints.web.health.rules import MANY_WRONG_KEYS

KEY, AGENT, ADDRESS, PATH = "canary-stream-key-7731", "CanaryAgent/7.31", "198.51.100.77", "canary-path-55"
CANARIES = (KEY, AGENT, ADDRESS, PATH)
HEADERS = {
    "User-Agent": AGENT, "X-Forwarded-For": ADDRESS, "X-Real-IP": ADDRESS, "Forwarded": f"for={ADDRESS}",
    "Referer": f"http://{PATH}.example/", "Authorization": f"Bearer {KEY}", "Cookie": f"allpoints-staff={KEY}",
    "Accept-Language": f"{PATH};q=x",
}
REQUESTS = [
    ("GET", "/metrics"), ("GET", f"/metrics?key={KEY}"), ("GET", "/status"), ("GET", "/status.json"),
    ("GET", f"/live/{PATH}/index.m3u8"), ("GET", f"/live/master.m3u8?_HLS_msn={KEY}"), ("GET", f"/{PATH}"),
    ("GET", "/control"), ("GET", "/api/control/alarms"), ("GET", "/api/control/report"),
    ("POST", "/control/sign-in"), ("POST", "/api/control/take"), ("PUT", f"/status/{PATH}"),
]


def kept(folders: list[Path], printed: str) -> list[str]:
    """Where one of the canaries is found, plainly or in hexadecimal."""
    wanted = [form for text in CANARIES for form in (text.encode(), text.encode().hex().encode())]
    texts = {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    return [name for name, content in {**texts, "terminal": printed.encode()}.items()
            if any(form in content for form in wanted)]


def test_a_canary_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(f"turned away: {KEY}")
    assert kept([tmp_path], f"GET / {ADDRESS}") == [str(tmp_path / "log.jsonl"), "terminal"]


@pytest.fixture
def serving(tmp_path: Path) -> Serving:
    assert allpoints("init", cwd=tmp_path).returncode == 0
    return Serving(tmp_path, options=("--ladder", "audio"))


def ask(port: int, method: str, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path, body=f"secret={KEY}&name={AGENT}&lang={PATH}", headers={
            **HEADERS, "Content-Type": "application/x-www-form-urlencoded"})
        connection.getresponse().read()
    finally:
        connection.close()


async def publish_wrongly(port: int) -> None:
    for _ in range(MANY_WRONG_KEYS):
        async with HandPublisher(port) as stranger:
            assert "not known here" in await stranger.publish(KEY)
    async with HandPublisher(port) as stranger:
        await stranger.shake_hands()
        stranger.writer.write(b"\x07" + KEY.encode() * 50)
        await stranger.hung_up_on()


def noted(folders: Folders, process: str) -> str:
    """The log of a process."""
    path = folders.log / f"{process}.jsonl"
    return path.read_text() if path.exists() else ""


def test_nothing_that_strangers_send_is_kept(serving: Serving, tmp_path: Path) -> None:
    try:
        serving.wait_for(r"key +\S{12,} +for Island")
        for method, path in REQUESTS:
            ask(serving.port, method, path)
        with socket.create_connection(("127.0.0.1", serving.port)) as torn:
            torn.sendall(f"GET /{PATH} HTTP/1.1\r\nUser-Agent: {AGENT}\r\nX: {KEY}".encode())
        asyncio.run(publish_wrongly(serving.rtmp_port))
        folders = Folders.beneath(tmp_path / "allpoints-data")
        eventually(lambda: "wrong_keys" in noted(folders, "web") or None, 20)
        assert noted(folders, "ingest").count("turned away") == MANY_WRONG_KEYS
        secrets = re.findall(r"(?:secret|key) +(\S{12,})", "\n".join(serving.lines))
        assert serving.end() == 0
    finally:
        serving.kill()
    assert len(secrets) >= 2
    assert not kept([folders.data, folders.memory], "\n".join(serving.lines))
    logs = {path.name: path.read_text() for path in folders.log.iterdir()}
    assert {"supervisor.jsonl", "ingest.jsonl", "web.jsonl"} <= set(logs)
    assert not [name for name, text in logs.items() for secret in secrets if secret in text]
    assert not [name for name, text in logs.items() if re.search(r"\d+\.\d+\.\d+\.\d+|Mozilla|::1", text)]
