"""The chunk stream: RTMP messages cut into interleaved chunks (Adobe RTMP 1.0, section 5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

SET_CHUNK_SIZE, ABORT, ACKNOWLEDGEMENT, USER_CONTROL, WINDOW_SIZE, PEER_BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO = 8, 9
DATA_AMF3, COMMAND_AMF3, DATA_AMF0, COMMAND_AMF0 = 15, 17, 18, 20

_EXTENDED = 0xFFFFFF
_HEADER_SIZES = (11, 7, 3, 0)


class BadChunk(ValueError):
    """Bytes that are no chunk stream, or ask for more memory than this connection may use."""


@dataclass(frozen=True, slots=True)
class Message:
    """One RTMP message. ``timestamp`` is milliseconds, modulo 2**32, on the publisher's clock."""

    kind: int
    stream: int
    timestamp: int
    payload: bytes


@dataclass(slots=True)
class _ChunkStream:
    timestamp: int = 0
    delta: int = 0
    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    payload: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Bytes in, messages out; no I/O.

    ``most_message`` bounds one message, ``most_pending`` all half-received ones together, ``most_streams`` how many
    may be interleaved: a connection can make us hold ``most_pending`` bytes and one chunk, no more.
    """

    def __init__(self, most_message: int = 64 << 10, most_pending: int = 128 << 10, most_streams: int = 32) -> None:
        self.most_message = most_message
        self.most_pending = most_pending
        self._most_streams = most_streams
        self._chunk_size = 128
        self._streams: dict[int, _ChunkStream] = {}
        self._pending = 0
        self._buffer = bytearray()

    def feed(self, received: bytes) -> Iterator[Message]:
        """The messages that ``received`` completes. Raises BadChunk; the connection is then past saving."""
        self._buffer += received
        at = 0
        while True:
            step, message = self._chunk(at)
            if step == 0:
                break
            at += step
            if message is not None:
                yield message
        del self._buffer[:at]

    def _chunk(self, start: int) -> tuple[int, Message | None]:
        """Read the chunk at ``start``: bytes consumed (0 when it is not all here) and the message it completes."""
        buffer = self._buffer
        have = len(buffer)
        if start >= have:
            return 0, None
        shape, name, at = buffer[start] >> 6, buffer[start] & 0x3F, start + 1
        if name < 2:
            at += name + 1
            if at > have:
                return 0, None
            name = 64 + int.from_bytes(buffer[start + 1 : at], "little")
        header, at = at, at + _HEADER_SIZES[shape]
        if at > have:
            return 0, None
        chunks = self._streams.get(name)
        if chunks is None:
            if shape > 1:
                raise BadChunk("a chunk that refers to none before it")
            if len(self._streams) >= self._most_streams:
                raise BadChunk("too many chunk streams")
            chunks = _ChunkStream()
        if shape < 3 and chunks.payload:
            raise BadChunk("a message begun before the last one ended")
        length = int.from_bytes(buffer[header + 3 : header + 6], "big") if shape < 2 else chunks.length
        time = int.from_bytes(buffer[header : header + 3], "big") if shape < 3 else 0
        extended = time == _EXTENDED if shape < 3 else chunks.extended
        if extended:
            at += 4
            if at > have:
                return 0, None
            if shape < 3:
                time = int.from_bytes(buffer[at - 4 : at], "big")
        if length > self.most_message:
            raise BadChunk(f"a message of {length} bytes")
        end = at + min(self._chunk_size, length - len(chunks.payload))
        if end > have:
            return 0, None
        self._streams[name] = chunks
        self._begin(chunks, shape, header, time, length, extended)
        chunks.payload += buffer[at:end]
        self._pending += end - at
        if len(chunks.payload) < length:
            if self._pending > self.most_pending:
                raise BadChunk("too many messages half received")
            return end - start, None
        self._pending -= length
        message = Message(chunks.kind, chunks.stream, chunks.timestamp, bytes(chunks.payload))
        chunks.payload.clear()
        self._obey(message)
        return end - start, message

    def _begin(
        self, chunks: _ChunkStream, shape: int, header: int, time: int, length: int, extended: bool
    ) -> None:
        buffer = self._buffer
        if shape < 2:
            chunks.kind = buffer[header + 6]
        if shape == 0:
            chunks.stream = int.from_bytes(buffer[header + 7 : header + 11], "little")
        chunks.length, chunks.extended = length, extended
        if chunks.payload:
            return
        # A type 3 chunk that begins a message repeats the delta; after a type 0 chunk the delta is its timestamp
        # by the letter (5.3.1.2.4), but every publisher in use means "the same time again".
        if shape == 0:
            chunks.timestamp, chunks.delta = time, 0
            return
        if shape < 3:
            chunks.delta = time
        chunks.timestamp = (chunks.timestamp + chunks.delta) & 0xFFFFFFFF

    def _obey(self, message: Message) -> None:
        if message.kind == SET_CHUNK_SIZE:
            size = int.from_bytes(message.payload[:4], "big") & 0x7FFFFFFF
            if size < 1:
                raise BadChunk("a chunk size of 0")
            self._chunk_size = size
        elif message.kind == ABORT and len(message.payload) == 4:
            aborted = self._streams.get(int.from_bytes(message.payload, "big"))
            if aborted is not None:
                self._pending -= len(aborted.payload)
                aborted.payload.clear()


def chunked(kind: int, payload: bytes, *, stream: int = 0, name: int = 3, chunk_size: int = 128) -> bytes:
    """One message as chunks with timestamp 0: what a server sends to a publisher."""
    head = bytes([name]) + bytes(3) + len(payload).to_bytes(3, "big") + bytes([kind]) + stream.to_bytes(4, "little")
    pieces = [payload[at : at + chunk_size] for at in range(0, len(payload), chunk_size)] or [b""]
    return head + bytes([0xC0 | name]).join(pieces)
