"""Hands one publisher's stream to any number of readers on this machine, as FLV over a Unix socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from pathlib import Path

from allpoints.contribute.rtmp import flv
from allpoints.contribute.rtmp.chunks import AUDIO, VIDEO
from allpoints.contribute.rtmp.flv import Role
from allpoints.contribute.rtmp.timestamps import Continuity
from allpoints.kernel.clock import Clock

LEAD_MS = 200
"""What a reader's timeline has before its first picture: room for sound that is due a little earlier."""

_MOST_UNREAD = 8 << 20
_MOST_KEPT = 24 << 20
_SOUND_PATIENCE_MS = 500
_PICTURE_PATIENCE_MS = 1000
_RATE_WINDOW = 2.0


class Relay:
    """One publisher's stream, joinable at its last key picture.

    The socket appears with the first moment from which decoding can begin, and goes with the publisher: a reader
    that finds it gets pictures at once, and end of file at once. A reader that does not keep up is dropped; the
    publisher is never slowed.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._metadata: bytes | None = None
        self._headers: dict[int, bytes] = {}
        self._seen: set[int] = set()
        self._since_key: list[tuple[int, int, bytes]] = []
        self._kept = 0
        self._joinable = False
        self._continuity = Continuity()
        self._readers: dict[asyncio.StreamWriter, int] = {}
        self._opening: asyncio.Task[None] | None = None
        self._server: asyncio.Server | None = None
        self._over = False
        self._arrived: deque[tuple[float, int]] = deque()

    @property
    def jumps(self) -> int:
        """How often the publisher's clock jumped."""
        return self._continuity.jumps

    def kbit_s(self) -> int:
        """The bit rate of the last two seconds."""
        self._forget_old(self._clock.monotonic())
        return round(sum(size for _, size in self._arrived) * 8 / 1000 / _RATE_WINDOW)

    def metadata(self, payload: bytes) -> None:
        """Keep the stream's description for readers to come."""
        self._metadata = payload

    def media(self, kind: int, timestamp: int, payload: bytes) -> None:
        """Pass one message on to all readers."""
        if self._over or not payload:
            return
        now = self._clock.monotonic()
        self._arrived.append((now, len(payload)))
        self._forget_old(now)
        at = self._continuity.place(kind, timestamp, now)
        role = flv.role_of_picture(payload) if kind == VIDEO else flv.role_of_sound(payload)
        if kind not in self._seen:
            self._seen.add(kind)
            self._drop_readers()  # they were told of a stream without this track: let them join again
        if role is Role.HEADER:
            self._headers[kind] = payload
        self._keep(kind, at, payload, role)
        self._offer_to_join(at)
        for reader, begins in list(self._readers.items()):
            self._send(reader, flv.tag(kind, max(0, at - begins), payload))

    def close(self) -> None:
        """End of the stream: the socket goes, and readers see end of file as soon as they have read what was sent."""
        if self._over:
            return
        self._over = True
        if self._opening is not None:
            self._opening.cancel()
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)
        for reader in self._readers:
            reader.close()
        self._readers.clear()

    def _forget_old(self, now: float) -> None:
        while self._arrived and self._arrived[0][0] < now - _RATE_WINDOW:
            self._arrived.popleft()

    def _keep(self, kind: int, at: int, payload: bytes, role: Role) -> None:
        """Remember everything since the last key picture, within bounds, for readers to come."""
        begins_anew = role is Role.KEY or (VIDEO not in self._seen and self._kept > 1 << 16)
        if begins_anew or self._kept + len(payload) > _MOST_KEPT:
            self._since_key.clear()
            self._kept = 0
            self._joinable = begins_anew
        if role is not Role.HEADER and (self._joinable or VIDEO not in self._seen):
            self._since_key.append((kind, at, payload))
            self._kept += len(payload)

    def _offer_to_join(self, at: int) -> None:
        if self._opening is not None:
            return
        if VIDEO in self._seen:
            ready = self._joinable and (AUDIO in self._seen or at > _SOUND_PATIENCE_MS)
        else:
            ready = at > _PICTURE_PATIENCE_MS
        if ready:
            self._opening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._join, self._path)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._over:
            writer.close()
            return
        if VIDEO in self._seen and not self._joinable:
            writer.close()  # the last key picture is out of reach: the next one is not far
            return
        # Each reader's own timeline begins with a picture that falls on a tick.
        begins = (self._since_key[0][1] if self._since_key else 0) - LEAD_MS
        writer.write(flv.file_header(sound=AUDIO in self._seen, picture=VIDEO in self._seen))
        if self._metadata is not None:
            writer.write(flv.tag(flv.SCRIPT, 0, self._metadata))
        for kind, header in self._headers.items():
            writer.write(flv.tag(kind, 0, header))
        for kind, at, payload in self._since_key:
            writer.write(flv.tag(kind, max(0, at - begins), payload))
        self._readers[writer] = begins
        with contextlib.suppress(OSError):
            await reader.read(1)  # readers say nothing: this returns when they hang up
        self._readers.pop(writer, None)
        writer.close()

    def _send(self, reader: asyncio.StreamWriter, piece: bytes) -> None:
        if reader.transport.get_write_buffer_size() > _MOST_UNREAD + self._kept:
            reader.transport.abort()
            self._readers.pop(reader, None)
            return
        reader.write(piece)

    def _drop_readers(self) -> None:
        for reader in self._readers:
            reader.close()
        self._readers.clear()
