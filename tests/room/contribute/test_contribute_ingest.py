from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import pytest
from tests.stand_ins.logs import quiet_log
from tests.stand_ins.rtmp import DELTA, HEADER, KEY, HandPublisher

from allpoints.contribute import ingest as ingest_module
from allpoints.contribute.ingest import PortTaken, serve_ingest
from allpoints.contribute.ingest_status import IngestStatus, live_socket, read_status
from allpoints.contribute.rtmp import session as session_module
from allpoints.contribute.rtmp.chunks import SET_CHUNK_SIZE, VIDEO, chunked
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceRef

HARBOUR, TOWER = SourceRef("harbour"), SourceRef("tower")


@dataclass
class Running:
    port: int
    folders: Folders

    def status(self) -> IngestStatus:
        status = read_status(self.folders)
        assert status is not None
        return status

    async def until(self, fact: Callable[[], bool], within: float = 5.0) -> None:
        async with asyncio.timeout(within):
            while not fact():  # noqa: ASYNC110 - what is waited for happens on a disk
                await asyncio.sleep(0.02)

    async def read(self, ref: SourceRef) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        await self.until(live_socket(self.folders, ref).exists)
        return await asyncio.open_unix_connection(live_socket(self.folders, ref))


@pytest.fixture
async def running(tmp_path: Path, free_port: Callable[[], int]) -> AsyncIterator[Running]:
    folders = Folders.beneath(tmp_path)
    folders.make()
    port = free_port()
    keys = {"key-of-the-harbour": HARBOUR, "key-of-the-tower": TOWER}
    serving = asyncio.create_task(serve_ingest(keys, "127.0.0.1", port, folders, SystemClock(), quiet_log(folders)))
    running = Running(port, folders)
    await running.until(lambda: read_status(folders) is not None)
    yield running
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


@contextlib.asynccontextmanager
async def ffmpeg_to(port: int, key: str, *more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "verbose",
        "-re", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i", "sine=440", "-t", "20",
        "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", *more,
        "-f", "flv", f"rtmp://127.0.0.1:{port}/live/{key}",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_two_publishers_on_one_port_reach_their_own_readers(running: Running) -> None:
    async with ffmpeg_to(running.port, "key-of-the-harbour"), ffmpeg_to(running.port, "key-of-the-tower"):
        for ref in (HARBOUR, TOWER):
            reader, writer = await running.read(ref)
            begun = await reader.readexactly(13)
            assert begun[:5] == b"FLV\x01\x05"
            assert len(await reader.readexactly(20_000)) == 20_000
            writer.close()
        await running.until(lambda: set(running.status().publishers) == {"harbour", "tower"})
        assert running.status().publishers["harbour"].kbit_s > 10


async def test_a_killed_publisher_is_the_end_of_file_at_once(running: Running) -> None:
    async with ffmpeg_to(running.port, "key-of-the-harbour") as publisher:
        reader, writer = await running.read(HARBOUR)
        with contextlib.closing(writer):
            await reader.readexactly(5000)
            publisher.send_signal(signal.SIGKILL)
            async with asyncio.timeout(1):
                while await reader.read(1 << 16):
                    pass
    await running.until(lambda: not live_socket(running.folders, HARBOUR).exists())
    async with ffmpeg_to(running.port, "key-of-the-harbour"):  # and may come back at once
        _, writer = await running.read(HARBOUR)
        writer.close()


async def test_ffmpeg_with_a_wrong_key_is_told_so(running: Running) -> None:
    async with ffmpeg_to(running.port, "guessed") as publisher:
        async with asyncio.timeout(10):
            _, said = await publisher.communicate()
        assert publisher.returncode != 0
        assert b"This stream key is not known here" in said
    await running.until(lambda: running.status().wrong_keys == 1)
    assert "guessed" not in (running.folders.sockets / "ingest.json").read_text()


async def test_hevc_in_enhanced_rtmp_is_passed_on(running: Running) -> None:
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=25")
    async with ffmpeg_to(running.port, "key-of-the-harbour", *hevc):
        reader, writer = await running.read(HARBOUR)
        assert b"hvc1" in await reader.readexactly(20_000)
        writer.close()


async def test_a_second_publisher_is_refused_and_the_first_goes_on(running: Running) -> None:
    async with HandPublisher(running.port) as first, HandPublisher(running.port) as second:
        assert (await first.publish("key-of-the-harbour")).startswith("NetStream.Publish.Start")
        first.send(VIDEO, 0, HEADER)
        answer = await second.publish("key-of-the-harbour")
        assert answer.startswith("NetStream.Publish.BadName: Somebody already sends")
        assert await second.hung_up_on()
        for at in range(20):
            first.send(VIDEO, 40 * at, KEY if at == 0 else DELTA)
        reader, writer = await running.read(HARBOUR)
        assert KEY in await reader.read(4096)
        writer.close()
        await running.until(lambda: "harbour" in running.status().refusals)
        assert running.status().refusals["harbour"].code == "key_busy"


async def test_a_zombie_is_reclaimed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest_module, "HALF_OPEN_AFTER", 0.2)
    async with HandPublisher(running.port) as zombie, HandPublisher(running.port) as follower:
        await zombie.publish("key-of-the-harbour")
        for at in range(20):
            zombie.send(VIDEO, 40 * at, KEY if at == 0 else DELTA)
        reader, writer = await running.read(HARBOUR)
        await asyncio.sleep(0.3)
        assert (await follower.publish("key-of-the-harbour")).startswith("NetStream.Publish.Start")
        async with asyncio.timeout(1):
            while await reader.read(4096):
                pass  # the zombie's readers see its end
        writer.close()
        assert await zombie.hung_up_on()
        for at in range(20):
            follower.send(VIDEO, 40 * at, KEY if at == 0 else DELTA)
        _, writer = await running.read(HARBOUR)
        writer.close()


async def test_jumping_timestamps_are_relayed_as_one_timeline(running: Running) -> None:
    async with HandPublisher(running.port) as publisher:
        await publisher.publish("key-of-the-harbour")
        for at in (0, 40, 80, 600, 640, 9_000_000, 9_000_040, 40, 80):
            publisher.send(VIDEO, at, KEY if at == 0 else DELTA)
        reader, writer = await running.read(HARBOUR)
        await reader.readexactly(13)
        times = []
        for _ in range(9):
            head = await reader.readexactly(11)
            times.append(int.from_bytes(head[4:7], "big"))
            await reader.readexactly(int.from_bytes(head[1:4], "big") + 4)
        writer.close()
        assert times == sorted(times)
        assert max(later - earlier for earlier, later in pairwise(times)) <= 1000
        await running.until(lambda: "harbour" in running.status().publishers)
        assert running.status().publishers["harbour"].jumps == 2


async def test_a_reader_that_sleeps_does_not_hold_the_publisher_up(running: Running) -> None:
    async with HandPublisher(running.port) as publisher:
        await publisher.publish("key-of-the-harbour")
        publisher.writer.write(chunked(SET_CHUNK_SIZE, (1 << 20).to_bytes(4, "big"), name=2))
        for at in range(20):
            publisher.send(VIDEO, 40 * at, KEY if at == 0 else DELTA)
        sleeper, asleep = await running.read(HARBOUR)
        assert sleeper
        large = DELTA + bytes(900_000)
        async with asyncio.timeout(10):
            for at in range(40):
                publisher.send(VIDEO, 800 + 40 * at, KEY + bytes(900_000) if at % 10 == 0 else large)
                await publisher.writer.drain()
        awake, writer = await running.read(HARBOUR)
        assert len(await awake.readexactly(500_000)) == 500_000
        writer.close()
        asleep.close()


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\nHost: light\r\n\r\n", b"\x16\x03\x01" + bytes(200), b"\x03" + bytes(3072) + b"\xff" * 500],
)
async def test_what_is_no_rtmp_is_hung_up_on(running: Running, said: bytes) -> None:
    async with HandPublisher(running.port) as stranger:
        stranger.writer.write(said)
        async with asyncio.timeout(3):
            assert await stranger.hung_up_on()


async def test_a_message_too_large_before_publishing_is_hung_up_on(running: Running) -> None:
    async with HandPublisher(running.port) as stranger:
        await stranger.shake_hands()
        stranger.writer.write(b"\x03" + bytes(3) + (5 << 20).to_bytes(3, "big") + b"\x14" + bytes(4) + bytes(1000))
        async with asyncio.timeout(3):
            assert await stranger.hung_up_on()


async def test_a_handshake_that_drips_is_cut(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "HANDSHAKE_LIMIT", 0.3)
    async with HandPublisher(running.port) as stranger:
        began = time.monotonic()
        for _ in range(4):
            stranger.writer.write(b"\x03")
            await asyncio.sleep(0.05)
        assert await stranger.hung_up_on()
        assert time.monotonic() - began < 1.5


async def test_a_taken_port_is_said_in_words(running: Running, tmp_path: Path) -> None:
    other = Folders.beneath(tmp_path / "other")
    with pytest.raises(PortTaken, match=f"{running.port}.*choose another"):
        await serve_ingest({}, "127.0.0.1", running.port, other, SystemClock(), quiet_log(other))


async def test_sockets_of_a_killed_predecessor_are_cleared(tmp_path: Path, free_port: Callable[[], int]) -> None:
    folders = Folders.beneath(tmp_path)
    folders.make()
    live_socket(folders, HARBOUR).touch()
    serving = asyncio.create_task(
        serve_ingest({"k": HARBOUR}, "127.0.0.1", free_port(), folders, SystemClock(), quiet_log(folders))
    )
    async with asyncio.timeout(5):
        while live_socket(folders, HARBOUR).exists():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
