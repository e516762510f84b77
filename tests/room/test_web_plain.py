"""Endless files and the page around them: who has a place, who waits, what is refused, and how it ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.stand_ins.assembly import assembly
from tests.stand_ins.running_site import RunningSite, running_site

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.publish import endless_file
from allpoints.publish.endless_file import Piece
from allpoints.publish.fragments import Sample, fragment
from allpoints.web import station
from allpoints.web.places import KEPT_SECONDS
from allpoints.web.plain import Plain

NOON = datetime(2027, 5, 2, 12, 0, 30, tzinfo=UTC)


class Releases:
    """Stands in for what is released: a piece of one track each time it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Piece] = []

    def release(self, segment: int, head: bytes = b"HEAD", tracks: int = 1) -> None:
        content = fragment(0, [Sample(segment * 96_000, b"sound")], 1024, video=False)
        self.waiting.append(Piece(segment, head, (content,) * tracks))

    def fresh(self) -> list[Piece]:
        taken, self.waiting = self.waiting, []
        return taken


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Releases:
    releases = Releases()
    monkeypatch.setattr(endless_file.EndlessFile, "fresh", lambda _: releases.fresh())
    monkeypatch.setattr(station, "LOOK_SECONDS", 0.01)
    return releases


@asynccontextmanager
async def plain_site(folder: Path, clock: ManualClock | None = None, **given: str) -> AsyncIterator[RunningSite]:
    """The site while something is on air."""
    folders = Folders.beneath(folder / "data")
    gathering = assembly(NOON)
    async with running_site(folders, gathering=gathering, clock=clock or ManualClock(NOON), **given) as site:
        (folders.public / "a32").mkdir()
        (folders.public / "a32" / "index.m3u8").write_text("#EXTM3U\n")
        yield site


class Viewer:
    """One connection, held open until it leaves or is hung up on. ``takes`` False takes no byte of the file."""

    def __init__(self, site: RunningSite, address: str, *, takes: bool = True) -> None:
        self._app: Plain = site.client._transport.app._plain  # type: ignore[attr-defined]
        self._takes = takes
        self._leaving = asyncio.Event()
        self.status = 0
        self.body = b""
        self.has_ended = False
        path, _, query = address.partition("?")
        scope: Any = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
        self.task = asyncio.create_task(self._app(scope, self._receive, self._send))

    async def _receive(self) -> object:
        await self._leaving.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        if message.get("body") and not self._takes:
            await asyncio.Event().wait()
        self.body += message.get("body", b"")
        self.has_ended = message["type"] == "http.response.body" and not message["more_body"]

    async def leave(self) -> None:
        self._leaving.set()
        await self.is_let_go()

    async def is_let_go(self) -> None:
        await asyncio.wait_for(self.task, 5)

    async def has(self, length: int) -> None:
        """Until so much came."""
        async with asyncio.timeout(5):
            while len(self.body) < length:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def come(site: RunningSite, address: str = "/plain/a32.mp4") -> Viewer:
    """A viewer who has been answered."""
    viewer = Viewer(site, address)
    async with asyncio.timeout(5):
        while not viewer.status:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return viewer


def ticket_in(address: str) -> str:
    return address.split("ticket=")[1].split("&")[0]


async def test_a_file_says_what_it_is_and_that_it_has_no_end(tmp_path: Path, releases: Releases) -> None:
    async with plain_site(tmp_path) as site:
        for path, kind in (("v240", "video/mp4"), ("a64", "audio/mp4"), ("opus16", "audio/mp4")):
            answer = await site.client.head(f"/plain/{path}.mp4")
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["content-type"] == kind
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["accept-ranges"] == "none"
            assert "content-length" not in answer.headers
        viewers = [await come(site), await come(site)]
        releases.release(7)
        for viewer in viewers:
            await viewer.has(1)
            assert viewer.body.startswith(b"HEAD")
            await viewer.leave()


@pytest.mark.parametrize(("name", "count"), [("a64", 4), ("a32", 5), ("opus16", 9)])
async def test_who_comes_gets_as_much_at_once_as_a_player_needs_to_begin(
    tmp_path: Path, releases: Releases, name: str, count: int
) -> None:
    async with plain_site(tmp_path) as site:
        first = await come(site, f"/plain/{name}.mp4")
        for segment in range(12):
            releases.release(segment)
        await first.has(1)
        second = await come(site, f"/plain/{name}.mp4")
        await second.has(1)
        assert second.body.count(b"moof") == count
        for viewer in (first, second):
            await viewer.leave()


@pytest.mark.parametrize("path", ["v360.mp4", "v240", "v240.webm", "clean.mp4", "", "../live/v240.mp4"])
async def test_what_is_not_made_is_refused_with_a_sentence(tmp_path: Path, path: str) -> None:
    async with plain_site(tmp_path) as site:
        viewer = await come(site, f"/plain/{path}")
        assert viewer.status == 404
        assert b"/plain" in viewer.body
        assert (await site.client.post("/plain/v240.mp4")).status_code == 404


async def test_one_more_than_there_may_be_is_told_where_to_wait(tmp_path: Path, releases: Releases) -> None:
    async with plain_site(tmp_path, plain_places="1") as site:
        viewer = await come(site)
        refused = await site.client.get("/plain/v240.mp4", headers={"Accept-Language": "en"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert "Open /plain" in refused.text
        head = await site.client.head("/plain/v240.mp4")
        assert (head.status_code, head.content) == (503, b"")
        await viewer.leave()
        assert (await site.client.head("/plain/v240.mp4")).status_code == 200, "a look takes no place"
        assert (await site.client.head("/plain/v240.mp4")).status_code == 200


async def test_the_page_waits_in_line_and_has_the_place_when_it_is_free(tmp_path: Path, releases: Releases) -> None:
    clock = ManualClock(NOON)
    async with plain_site(tmp_path, clock, plain_places="1") as site:
        first = (await site.client.get("/plain")).headers["location"]
        assert '<source src="/plain/v240.mp4?ticket=' in (await site.client.get(first)).text
        viewer = await come(site, f"/plain/v240.mp4?ticket={ticket_in(first)}")
        waiting = [(await site.client.get("/plain?show=video")).headers["location"] for _ in range(3)]
        pages = [(await site.client.get(address)).text for address in waiting]
        assert "You are next in line." in pages[0]
        assert "1 person is before you." in pages[1]
        assert "2 people are before you." in pages[2]
        for page, address in zip(pages, waiting, strict=True):
            assert f'content="10; url=/plain?show=video&amp;ticket={ticket_in(address)}"' in page
            assert "<source" not in page
            assert 'href="/listen/a32.aac"' in page
            assert 'href="/text"' in page
        await viewer.leave()
        assert "next in line" in (await site.client.get(waiting[0])).text, "the place is kept for a moment"
        for _ in range(2):
            clock.advance(KEPT_SECONDS / 2)
            pages = [(await site.client.get(address)).text for address in waiting]
        assert f'/plain/v240.mp4?ticket={ticket_in(waiting[0])}"' in pages[0]
        assert "You are next in line." in pages[1]
        late = (await site.client.get(first)).headers["location"]
        assert ticket_in(late) != ticket_in(first), "who left for longer waits anew"


async def test_who_takes_nothing_is_hung_up_on(
    tmp_path: Path, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station, "SEND_SECONDS", 0.05)
    async with plain_site(tmp_path, plain_places="1") as site:
        viewer = Viewer(site, "/plain/a32.mp4", takes=False)
        releases.release(7)
        await viewer.is_let_go()
        assert (await site.client.head("/plain/a32.mp4")).status_code == 200


async def test_a_file_ends_where_codec_settings_change(tmp_path: Path, releases: Releases) -> None:
    async with plain_site(tmp_path) as site:
        viewer = await come(site)
        releases.release(7)
        await viewer.has(1)
        releases.release(11)
        releases.release(12, b"OTHER")
        await viewer.is_let_go()
        assert viewer.has_ended
        assert (viewer.body.count(b"moof"), viewer.body.count(b"OTHER")) == (2, 0)


async def test_the_site_ends_with_viewers(tmp_path: Path, releases: Releases) -> None:
    async with plain_site(tmp_path) as site:
        viewer = await come(site)
        site.closing.set()
        await viewer.is_let_go()
        assert viewer.has_ended


async def test_a_ticket_is_in_the_address_and_stays_there(tmp_path: Path) -> None:
    async with plain_site(tmp_path) as site:
        sent_on = await site.client.get("/plain?show=audio&rung=a64&lang=fa")
        assert sent_on.status_code == 303
        address = sent_on.headers["location"]
        assert re.fullmatch(r"/plain\?show=audio&rung=a64&ticket=[\w-]{16}&lang=fa", address)
        page = await site.client.get(address)
        ticket = ticket_in(address)
        assert f'<source src="/plain/a64.mp4?ticket={ticket}" type="audio/mp4">' in page.text
        assert f'href="/plain?show=audio&amp;rung=a64&amp;ticket={ticket}&amp;lang=ar" lang="ar"' in page.text
        assert f'href="/plain?show=video&amp;ticket={ticket}&amp;lang=fa"' in page.text
        assert f'href="/plain?show=audio&amp;rung=opus16&amp;ticket={ticket}&amp;lang=fa"' in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in page.headers
        assert 'http-equiv="refresh"' not in page.text
        assert "<script" not in page.text.replace('<script type="module" src=', "")


async def test_without_pictures_there_is_the_sound(tmp_path: Path) -> None:
    async with plain_site(tmp_path, ladder="audio") as site:
        page = await site.client.get("/plain", follow_redirects=True)
        assert '<source src="/plain/a32.mp4?' in page.text
        assert "show=video" not in page.text
        assert (await site.client.head("/plain/v240.mp4")).status_code == 404


async def test_off_air_the_page_says_what_comes_and_asks_again(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "data")
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        page = (await site.client.get("/plain?show=audio")).text
    assert "We are off air at the moment" in page
    assert "Keeping watch together" in page
    assert '<meta http-equiv="refresh" content="20; url=/plain?show=audio">' in page
    assert "<source" not in page


async def test_the_watch_page_leads_there_where_no_script_runs(tmp_path: Path) -> None:
    async with plain_site(tmp_path) as site:
        page = (await site.client.get("/watch?lang=fa")).text
    head, body = page.split("</head>")
    assert '<noscript><meta http-equiv="refresh" content="0; url=/plain?lang=fa"></noscript>' in head
    without = body.split("<noscript>")[1].split("</noscript>")[0]
    assert re.findall(r'href="([^"?]+)', without) == ["/plain", "/plain", "/text", "/schedule"]
    assert "/live/master.m3u8" in without
