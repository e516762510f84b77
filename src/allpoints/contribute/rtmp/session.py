"""One connection of a publisher, from handshake to hang-up."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from allpoints.contribute.rtmp import amf0, chunks
from allpoints.contribute.rtmp.chunks import BadChunk, ChunkReader, Message
from allpoints.contribute.rtmp.handshake import NotRtmp, shake_hands
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError

HANDSHAKE_LIMIT = 5.0
PUBLISH_LIMIT = 10.0
SILENCE_LIMIT = 15.0
_WINDOW = 2_500_000
_MOST_MESSAGE = 4 << 20
_STREAM = 1
_PING_REQUEST, _PING_RESPONSE = 6, 7


class Publication(Protocol):
    """Where an accepted publisher's media goes."""

    def metadata(self, payload: bytes) -> None:
        """The stream's onMetaData, as an AMF0 script tag's payload."""

    def media(self, kind: int, timestamp: int, payload: bytes) -> None:
        """One audio (8) or video (9) message."""

    def close(self) -> None:
        """The publisher is gone."""


class Door(Protocol):
    """Decides who may publish."""

    def admit(self, key: str, session: PublisherSession) -> Publication:
        """The publication of the source that owns ``key``. Raises an AllpointsError when it may not be."""


class PublisherSession:
    """Serves one connection. It holds at most one message, one chunk and the socket's buffers in memory."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, door: Door, clock: Clock
    ) -> None:
        peer = writer.get_extra_info("peername")
        self.peer = str(peer[0]) if peer else ""
        self.last_received_at = clock.monotonic()
        self._reader = reader
        self._writer = writer
        self._door = door
        self._clock = clock
        self._chunks = ChunkReader()
        self._publication: Publication | None = None
        self._received = 0
        self._acknowledged = 0
        self._over = False

    async def serve(self) -> None:
        """Serve until the publisher leaves, misbehaves or is cut. Raises nothing that a peer can cause."""
        try:
            async with asyncio.timeout(HANDSHAKE_LIMIT):
                await shake_hands(self._reader, self._writer)
            async with asyncio.timeout(PUBLISH_LIMIT):
                while self._publication is None and not self._over:
                    await self._receive()
            while not self._over:
                async with asyncio.timeout(SILENCE_LIMIT):
                    await self._receive()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, NotRtmp, BadChunk, amf0.BadAmf):
            pass  # all of them: this peer is of no more use, and says so by leaving the list of publishers
        finally:
            if self._publication is not None:
                self._publication.close()
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._writer.wait_closed()

    def cut(self) -> None:
        """End the connection at once, as for a zombie whose key somebody else needs."""
        self._over = True
        if self._publication is not None:
            self._publication.close()
        self._writer.transport.abort()

    async def _receive(self) -> None:
        received = await self._reader.read(1 << 16)
        if not received:
            self._over = True
            return
        self.last_received_at = self._clock.monotonic()
        self._received += len(received)
        for message in self._chunks.feed(received):
            self._act_on(message)
        if self._received - self._acknowledged >= _WINDOW:
            self._acknowledged = self._received
            self._control(chunks.ACKNOWLEDGEMENT, (self._received & 0xFFFFFFFF).to_bytes(4, "big"))
        await self._writer.drain()

    def _act_on(self, message: Message) -> None:
        publication = self._publication
        match message.kind:
            case chunks.AUDIO | chunks.VIDEO if publication is not None:
                publication.media(message.kind, message.timestamp, message.payload)
            case chunks.DATA_AMF0 | chunks.DATA_AMF3 if publication is not None:
                self._set_data_frame(publication, message)
            case chunks.COMMAND_AMF0:
                self._command(amf0.decode(message.payload))
            case chunks.COMMAND_AMF3:
                self._command(amf0.decode(message.payload[1:]))
            case chunks.USER_CONTROL if message.payload[:2] == _PING_REQUEST.to_bytes(2, "big"):
                self._control(chunks.USER_CONTROL, _PING_RESPONSE.to_bytes(2, "big") + message.payload[2:6])

    @staticmethod
    def _set_data_frame(publication: Publication, message: Message) -> None:
        payload = message.payload[1:] if message.kind == chunks.DATA_AMF3 else message.payload
        payload = payload.removeprefix(amf0.encode("@setDataFrame"))
        if payload.startswith(amf0.encode("onMetaData")):
            publication.metadata(payload)

    def _command(self, values: list[amf0.Value]) -> None:
        name, number, rest = (values[0] if values else None), (values[1] if len(values) > 1 else 0.0), values[3:]
        match name:
            case "connect":
                self._control(chunks.WINDOW_SIZE, _WINDOW.to_bytes(4, "big"))
                self._control(chunks.PEER_BANDWIDTH, _WINDOW.to_bytes(4, "big") + b"\x02")
                self._reply(
                    "_result", number, {"fmsVer": "FMS/3,5,7,7009", "capabilities": 31.0},
                    _status("status", "NetConnection.Connect.Success", "Welcome.") | {"objectEncoding": 0.0},
                )
            case "createStream":
                self._reply("_result", number, None, float(_STREAM))
            case "FCPublish":
                self._reply("onFCPublish", 0.0, None, _status("status", "NetStream.Publish.Start", "Go on."))
            case "publish":
                key = rest[0] if rest and isinstance(rest[0], str) else ""
                self._publish(key.split("?")[0])
            case "FCUnpublish" | "deleteStream" | "closeStream":
                self._over = True
            case "play" | "play2":
                self._refuse("NetStream.Play.Failed", "Nothing is played from here. Watch on the web page.")
            case "releaseStream" | "_checkbw":
                self._reply("_result", number, None, None)

    def _publish(self, key: str) -> None:
        if self._publication is not None:
            return
        try:
            self._publication = self._door.admit(key, self)
        except AllpointsError as refusal:
            self._refuse("NetStream.Publish.BadName", refusal.sentence())
            return
        self._chunks.most_message = _MOST_MESSAGE
        self._chunks.most_pending = 2 * _MOST_MESSAGE
        self._control(chunks.USER_CONTROL, bytes(2) + _STREAM.to_bytes(4, "big"))
        self._say("onStatus", 0.0, None, _status("status", "NetStream.Publish.Start", "Welcome."))

    def _refuse(self, code: str, sentence: str) -> None:
        self._say("onStatus", 0.0, None, _status("error", code, sentence))
        self._over = True

    def _control(self, kind: int, payload: bytes) -> None:
        self._writer.write(chunks.chunked(kind, payload, name=2))

    def _reply(self, *values: amf0.Value) -> None:
        self._writer.write(chunks.chunked(chunks.COMMAND_AMF0, amf0.encode(*values)))

    def _say(self, *values: amf0.Value) -> None:
        self._writer.write(chunks.chunked(chunks.COMMAND_AMF0, amf0.encode(*values), stream=_STREAM, name=5))


def _status(level: str, code: str, description: str) -> dict[str, amf0.Value]:
    return {"level": level, "code": code, "description": description}
