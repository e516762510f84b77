"""A weak line as a process: a proxy on loopback through which everything takes as long as through that line.

``python -m tests.stand_ins.shaped_line UPSTREAM_PORT RATE ROUND_TRIP LOSS SEED`` prints its port; each line on its
standard input is answered by what has passed so far; it ends when the input does.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.stand_ins.line import PACKET, Access, Line, Stream

ROOT = Path(__file__).parents[2]
# No more than a real sender would have waiting: the server must notice when the line is slow.
RECEIVE_BUFFER = 8 * 1024


class Passed(msgspec.Struct, frozen=True):
    """Bytes inside TCP that have arrived, each way, and connections that were opened."""

    up: int = 0
    down: int = 0
    connections: int = 0

    @property
    def bytes(self) -> int:
        """Both ways."""
        return self.up + self.down

    def since(self, mark: Passed) -> Passed:
        """What has passed after ``mark``."""
        return Passed(self.up - mark.up, self.down - mark.down, self.connections - mark.connections)


@dataclass(frozen=True)
class ShapedLine:
    """The running proxy: who connects to ``port`` reaches the upstream."""

    port: int
    process: subprocess.Popen[str]

    def passed(self) -> Passed:
        """What has passed so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return msgspec.json.decode(self.process.stdout.readline(), type=Passed)


@contextmanager
def shaped_line(line: Line, upstream: int, *, seed: int = 1) -> Iterator[ShapedLine]:
    """Put ``line`` before a loopback port."""
    words = [str(upstream), str(line.rate), str(line.round_trip), str(line.loss), str(seed)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stand_ins.shaped_line", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield ShapedLine(int(process.stdout.readline()), process)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


class Proxy:
    """Passes connections on, each packet when the line has carried it."""

    def __init__(self, access: Access, upstream: int) -> None:
        self._access = access
        self._upstream = upstream
        self._bytes = {"up": 0, "down": 0}
        self._connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def passed(self) -> Passed:
        return Passed(**self._bytes, connections=self._connections)

    async def listen(self, listener: socket.socket) -> None:
        """Take connections for as long as the process lives."""
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            task = asyncio.create_task(self._pass_on(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._connections += 1
        await _until(self._access.open(loop.time(), str(self._upstream)))
        server = socket.socket()
        with client, server, suppress(OSError):
            # Before it connects, or the loopback's packets of 64 KB decide how much a server may have waiting.
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PACKET)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            for each in (client, server):
                each.setblocking(False)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(server, ("127.0.0.1", self._upstream))
            async with asyncio.TaskGroup() as both:
                both.create_task(self._one_way(Stream(self._access.up), client, server, "up"))
                both.create_task(self._one_way(Stream(self._access.down), server, client, "down"))

    async def _one_way(self, stream: Stream, source: socket.socket, sink: socket.socket, way: str) -> None:
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._hand_over(under_way, sink, way))
            piece = b"first"
            while piece:
                while (at := stream.may_send_at(loop.time())) > loop.time():
                    await _until(at)
                try:
                    piece = await loop.sock_recv(source, PACKET)
                except OSError:
                    piece = b""  # who resets a connection has said all
                under_way.put_nowait((stream.carry(loop.time(), len(piece)), piece))

    async def _hand_over(self, under_way: asyncio.Queue[tuple[float, bytes]], sink: socket.socket, way: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, piece = await under_way.get()
            await _until(at)
            with suppress(OSError):  # it may have gone: what is under way to it still takes the line's time
                if not piece:
                    sink.shutdown(socket.SHUT_WR)
                    return
                await loop.sock_sendall(sink, piece)
                self._bytes[way] += len(piece)


async def _until(at: float) -> None:
    """Sleep until the loop's second ``at``."""
    await asyncio.sleep(max(0.0, at - asyncio.get_running_loop().time()))


async def main(upstream: int, line: Line, seed: int) -> None:
    proxy = Proxy(Access(line, seed), upstream)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.setblocking(False)
        listening = asyncio.create_task(proxy.listen(listener))
        print(listener.getsockname()[1], flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(msgspec.json.encode(proxy.passed).decode(), flush=True)
        listening.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Line(*map(float, sys.argv[2:5])), int(sys.argv[5])))
