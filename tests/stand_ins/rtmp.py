"""An RTMP publisher for tests, spoken by hand: one that can misbehave."""

from __future__ import annotations

import asyncio
from types import TracebackType

from allpoints.contribute.rtmp import amf0
from allpoints.contribute.rtmp.chunks import COMMAND_AMF0, ChunkReader, chunked

HEADER = b"\x17\x00\x00\x00\x00" + b"\x01\x64\x00\x1f"
KEY = b"\x17\x01\x00\x00\x00" + b"key"
DELTA = b"\x27\x01\x00\x00\x00" + b"delta"


class HandPublisher:
    """Connects to ``port``; every step is a call. Closes on leaving its context."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._chunks = ChunkReader()

    async def __aenter__(self) -> HandPublisher:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    async def shake_hands(self) -> None:
        """The opening."""
        self.writer.write(b"\x03" + bytes(1536))
        answer = await self.reader.readexactly(1 + 2 * 1536)
        self.writer.write(answer[1:1537])

    async def publish(self, key: str) -> str:
        """Ask to publish; the status code that comes back."""
        await self.shake_hands()
        self.writer.write(chunked(COMMAND_AMF0, amf0.encode("connect", 1.0, {"app": "live"})))
        self.writer.write(chunked(COMMAND_AMF0, amf0.encode("createStream", 2.0, None)))
        self.writer.write(chunked(COMMAND_AMF0, amf0.encode("publish", 3.0, None, key, "live"), stream=1))
        while True:
            received = await self.reader.read(4096)
            assert received, "the server hung up without a word"
            for message in self._chunks.feed(received):
                if message.kind == COMMAND_AMF0:
                    values = amf0.decode(message.payload)
                    if values[0] == "onStatus":
                        status = values[3]
                        assert isinstance(status, dict)
                        return f"{status['code']}: {status['description']}"

    def send(self, kind: int, timestamp: int, payload: bytes) -> None:
        """One short media message."""
        head = b"\x04" + timestamp.to_bytes(3, "big") + len(payload).to_bytes(3, "big") + bytes([kind, 1, 0, 0, 0])
        self.writer.write(head + payload)

    async def hung_up_on(self) -> bool:
        """Waits until the server has closed the connection."""
        try:
            while await self.reader.read(4096):
                pass
        except ConnectionError:
            pass
        return True
