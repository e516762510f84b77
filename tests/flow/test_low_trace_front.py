"""The lines of the how-to for nginx: it caches for many what viewers may not store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.browser.conftest import Live
from tests.stand_ins.assembly import LOW_TRACE
from tests.stand_ins.front import FRONT
from tests.stand_ins.serving import free_port
from tests.stand_ins.two_machines import nginx_in_front

NAMES = ("v240/10.m4s", "v240/init-1.mp4", "v240/index.m3u8")


def front_of_the_docs(memory: Path) -> str:
    """front.conf with the lines of the how-to where it says."""
    page = FRONT.with_name("low-trace.md").read_text()
    within_http, within_server = map(str, re.findall(r"```nginx\n(.*?)```", page, re.DOTALL))
    crew = "    # The crew signs in"
    front = FRONT.read_text()
    assert front.count(crew) == 1
    return (within_http + front.replace(crew, within_server + crew)).replace("/dev/shm/front", str(memory))


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    live = Live(tmp_path / "data", free_port(), {})
    live.folders.make()
    (live.data / "trace.json").write_bytes(msgspec.json.encode(LOW_TRACE))
    for name in NAMES:
        (live.folders.public / name).parent.mkdir(exist_ok=True)
        (live.folders.public / name).write_bytes(name.encode())
    try:
        live.start("site")
        yield live
    finally:
        live.stop()


def test_nginx_caches_media_that_viewers_may_not_store(live: Live, tmp_path: Path) -> None:
    machine = f"127.0.0.1:{live.port}"
    with nginx_in_front(tmp_path / "front", [machine, machine], front_of_the_docs(tmp_path / "memory")) as front:
        first = [httpx.get(f"{front}/live/{name}") for name in NAMES]
        for name in NAMES:
            (live.folders.public / name).unlink()
        again = [httpx.get(f"{front}/live/{name}") for name in NAMES[:2]]
        elsewhere = httpx.get(f"{front}/live/v240/11.m4s")
        page = httpx.get(f"{front}/watch")
    assert [answer.content for answer in first] == [name.encode() for name in NAMES]
    assert [answer.content for answer in again] == [name.encode() for name in NAMES[:2]]
    assert elsewhere.status_code == 404
    assert {answer.headers["cache-control"] for answer in (*first, *again, elsewhere, page)} == {"no-store"}
