"""The endless sound's own rules: who is too slow, how many there may be, what titles may hold."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.stand_ins.running_site import running_site, until

from allpoints.kernel.folders import Folders
from allpoints.publish import endless
from allpoints.web import listen, station
from allpoints.web.listen import LONGEST_TITLE, TITLE_EVERY, Listen, TitledSound
from allpoints.web.station import Station


class Releases:
    """Stands in for what is released: a chunk each time it is told to."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def fresh(self) -> list[bytes]:
        taken, self.waiting = self.waiting, []
        return taken


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Releases:
    releases = Releases()
    monkeypatch.setattr(endless.EndlessSound, "fresh", lambda _: releases.fresh())
    monkeypatch.setattr(station, "LOOK_SECONDS", 0.01)
    return releases


async def test_whoever_comes_gets_the_last_seconds_at_once_and_who_falls_behind_is_let_go(
    releases: Releases
) -> None:
    on_air = Station(lambda: releases.fresh)
    on_air.come()
    releases.waiting = [b"%d" % number for number in range(10)]
    assert [chunk for _, chunk in await on_air.after(-1)] == [b"6", b"7", b"8", b"9"]
    releases.waiting = [b"%d" % number for number in range(10, 30)]
    await asyncio.wait_for(on_air.after(20), 5)
    assert await on_air.after(9) == []
    assert [chunk for _, chunk in await on_air.after(27)] == [b"28", b"29"]
    on_air.go()


async def test_a_look_that_finds_no_descriptor_is_made_again(releases: Releases) -> None:
    looks = iter([None, [b"sound"]])

    def fresh() -> list[bytes]:
        if (found := next(looks, [])) is None:
            raise OSError(24, "Too many open files")
        return found

    on_air = Station(lambda: fresh)
    on_air.come()
    assert [chunk for _, chunk in await asyncio.wait_for(on_air.after(-1), 5)] == [b"sound"]
    on_air.go()


async def test_who_takes_nothing_is_hung_up_on(
    tmp_path: Path, releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station, "SEND_SECONDS", 0.05)
    async with running_site(Folders.beneath(tmp_path / "data")) as site:
        app: Listen = site.client._transport.app._endless  # type: ignore[attr-defined]
        on_air = app._stations["a64"]
        stuck = asyncio.Event()

        async def receive() -> object:
            await asyncio.Event().wait()
            return None

        async def send(message: dict[str, object]) -> None:
            if message.get("body"):
                stuck.set()
                await asyncio.Event().wait()

        scope = {"type": "http", "method": "GET", "path": "/listen.aac", "headers": []}
        served = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
        releases.waiting = [b"sound"]
        await asyncio.wait_for(stuck.wait(), 5)
        assert on_air.listeners == 1
        await asyncio.wait_for(served, 5)
        assert on_air.listeners == 0
        assert on_air._follower is None


async def test_one_more_than_there_may_be_is_sent_to_the_watch_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "MOST_LISTENERS", 0)
    async with running_site(Folders.beneath(tmp_path / "data")) as site:
        answer = await site.client.get("/listen.aac", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "Audio only" in answer.text
        head = await site.client.head("/listen.aac")
        assert head.content == b""


async def test_the_site_ends_with_listeners(tmp_path: Path, releases: Releases) -> None:
    async with running_site(Folders.beneath(tmp_path / "data")) as site:
        releases.waiting = [b"sound"]
        asking = asyncio.create_task(site.client.get("/listen.aac"))

        async def is_listened_to() -> bool:
            app: Listen = site.client._transport.app._endless  # type: ignore[attr-defined]
            return app._stations["a64"].listeners == 1

        await until(is_listened_to)
        await asyncio.sleep(0.1)
        site.closing.set()
        answer = await asyncio.wait_for(asking, 5)
        assert answer.content == b"sound"


@pytest.mark.parametrize("title", ["Keepers’ hour", "It's; a \n'trap';", "گردهمایی " * 900, ""])
def test_a_title_ends_where_it_says(title: str) -> None:
    dress = TitledSound(lambda: title)
    out = b"".join(dress(b"a" * 1_000) for _ in range(TITLE_EVERY // 1_000 + 2))
    assert out[:TITLE_EVERY] == b"a" * TITLE_EVERY
    length = out[TITLE_EVERY] * 16
    assert length <= LONGEST_TITLE
    block = out[TITLE_EVERY + 1:TITLE_EVERY + 1 + length]
    assert out[TITLE_EVERY + 1 + length:] == b"a" * 2_000
    told = block.rstrip(b"\0").decode()
    assert told == "" if not title else told.count("'") == 2
    assert told.count(";") == (1 if title else 0)
