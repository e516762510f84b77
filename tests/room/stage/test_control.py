"""The control socket: what a crew's program says and hears."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from tests.stand_ins.running_site import until
from tests.stand_ins.theatre import EPOCH

from allpoints.stage.control import ControlSocket
from allpoints.stage.protocol import OnAir, Panic, Publication, Reply, Request, StageReport


class Mixer:
    """Answers at once, except when told to stay silent."""

    def __init__(self) -> None:
        self.heard: list[Request] = []
        self.silent = False

    def ask(self, request: Request) -> Future[Reply]:
        self.heard.append(request)
        future: Future[Reply] = Future()
        if not self.silent:
            future.set_result(Reply(ok=True, airing="a-1"))
        return future


def report(tick: int) -> StageReport:
    on_air = OnAir(None, None, "", None, "on_air", None, None, True, (-120.0, -120.0))
    shelf = Publication(0, False, None, None, None, [])
    return StageReport(EPOCH, tick, on_air, None, False, None, [], [], shelf, [])


@pytest.fixture
def mixer() -> Mixer:
    return Mixer()


@pytest.fixture
def socket(tmp_path: Path, mixer: Mixer):  # type: ignore[no-untyped-def]
    control = ControlSocket(tmp_path / "stage.sock", mixer.ask)
    control.start()
    yield control
    control.close()


async def say(path: Path, *lines: bytes) -> list[Reply]:
    reader, writer = await asyncio.open_unix_connection(str(path))
    replies = []
    for line in lines:
        writer.write(line + b"\n")
        replies.append(msgspec.json.decode(await reader.readline(), type=Reply))
    writer.close()
    return replies


async def test_a_request_reaches_the_mixer_and_its_reply_comes_back(
    socket: ControlSocket, mixer: Mixer, tmp_path: Path
) -> None:
    (reply,) = await say(tmp_path / "stage.sock", b'{"verb": "panic", "by": "director"}')
    assert reply.ok
    assert mixer.heard == [Panic(by="director")]


async def test_garbage_is_refused_and_the_connection_goes_on(socket: ControlSocket, tmp_path: Path) -> None:
    bad, worse, good = await say(tmp_path / "stage.sock", b"\xff\xfe", b'{"verb": "explode"}', b'{"verb": "take"}')
    assert bad.refusal is not None
    assert bad.refusal.code == worse.refusal.code == "bad_request"  # type: ignore[union-attr]
    assert good.ok


async def test_an_endless_line_is_cut(socket: ControlSocket, tmp_path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "stage.sock"))
    writer.write(b"x" * 200_000 + b"\n")
    reply = msgspec.json.decode(await reader.readline(), type=Reply)
    assert not reply.ok
    assert await reader.read() == b""
    writer.close()


async def test_a_watcher_gets_reports_and_a_second_one_the_newest(socket: ControlSocket, tmp_path: Path) -> None:
    async with watching(socket, tmp_path) as first:
        socket.publish(report(6))
        socket.publish(report(7))
        while (await tick_of(first)) != 7:
            pass
        async with watching(socket, tmp_path) as second:
            assert await tick_of(second) == 7


async def test_who_watches_after_a_while_without_watchers_hears_nothing_of_before(
    socket: ControlSocket, tmp_path: Path
) -> None:
    async def unwatched() -> bool:
        socket.publish(report(6))  # as a stage does that has not noticed yet
        return not socket.watchers

    for tick in (6, 7):
        async with watching(socket, tmp_path) as reader:
            socket.publish(report(tick))
            assert await tick_of(reader) == tick
        await until(unwatched)


@asynccontextmanager
async def watching(socket: ControlSocket, folder: Path) -> AsyncIterator[asyncio.StreamReader]:
    async def counted() -> bool:
        return socket.watchers > before

    before = socket.watchers
    reader, writer = await asyncio.open_unix_connection(str(folder / "stage.sock"))
    writer.write(b'{"verb": "watch"}\n')
    await until(counted)
    yield reader
    writer.close()
    await writer.wait_closed()


async def tick_of(reader: asyncio.StreamReader) -> int:
    return msgspec.json.decode(await asyncio.wait_for(reader.readline(), 8), type=StageReport).tick


async def test_a_mixer_that_does_not_answer_is_said_to_be_busy(
    socket: ControlSocket, mixer: Mixer, tmp_path: Path
) -> None:
    mixer.silent = True
    (reply,) = await say(tmp_path / "stage.sock", b'{"verb": "panic"}')
    assert reply.refusal is not None
    assert reply.refusal.code == "stage_busy"
    assert reply.refusal.status == 503
