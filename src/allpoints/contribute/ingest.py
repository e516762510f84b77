"""The ingest: publishers come in over RTMP, several on one port, each to the source that owns its stream key."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from allpoints.contribute.ingest_status import IngestStatus, Publisher, Refused, live_socket, write_status
from allpoints.contribute.relay import Relay
from allpoints.contribute.rtmp.session import Publication, PublisherSession
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Level, Log
from allpoints.schedule.model import SourceKind, SourceRef, SourceSpec

ZOMBIE_AFTER = 3.0
HALF_OPEN_AFTER = 0.5
STATUS_EVERY = 0.5
MOST_PATH = 107
MOST_CONNECTIONS = 256


class WrongStreamKey(AllpointsError):
    """A publisher named a stream key that no source has."""

    code = "wrong_key"
    status = 403
    for_people = "This stream key is not known here. Copy it again from the control page and start once more."


class KeyBusy(AllpointsError):
    """A second publisher came with a key that is in use."""

    code = "key_busy"
    status = 409
    for_people = "Somebody already sends to “{source}”. Stop the other sender, then start once more."


class PortTaken(AllpointsError):
    """The RTMP port cannot be listened on."""

    code = "port_taken"
    status = 500
    for_people = "RTMP cannot listen on {host}:{port}: {reason}. End the other program or choose another --rtmp-port."


class SocketPathTooLong(AllpointsError):
    """A Unix socket's path does not fit the kernel's 107 bytes."""

    code = "socket_path_too_long"
    status = 500
    for_people = "The folder {folder} has too long a name. Set ALLPOINTS_MEMORY to a shorter folder and start again."


@dataclass
class _OnLine:
    session: PublisherSession
    relay: Relay
    since: datetime


class Ingest:
    """Who publishes to which source. Lives on one event loop."""

    def __init__(self, keys: Mapping[str, SourceRef], folders: Folders, clock: Clock, log: Log) -> None:
        self._keys = dict(keys)
        self._folders = folders
        self._clock = clock
        self._log = log
        self._on_line: dict[SourceRef, _OnLine] = {}
        self._refusals: dict[str, Refused] = {}
        self._wrong_key: Refused | None = None
        self._wrong_keys = 0
        self._connections = 0

    def admit(self, key: str, session: PublisherSession) -> Publication:
        """The publication for ``key``. Raises WrongStreamKey or KeyBusy."""
        ref = self._source_of(key)
        if ref is None:
            self._wrong_key = Refused(self._clock.now(), WrongStreamKey.code)
            self._wrong_keys += 1
            self._note_refusal(WrongStreamKey.code)
            raise WrongStreamKey
        other = self._on_line.get(ref)
        if other is not None:
            if not self._is_zombie(other.session, session):
                self._refusals[ref] = Refused(self._clock.now(), KeyBusy.code)
                self._note_refusal(KeyBusy.code, ref)
                raise KeyBusy(source=ref)
            other.session.cut()
        relay = Relay(live_socket(self._folders, ref), self._clock)
        self._on_line[ref] = _OnLine(session, relay, self._clock.now())
        self._log.say(Event.PUBLISHER_CAME, f"{ref}: a publisher came", shown=False, source=ref)
        return relay

    async def serve_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        if self._connections >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections += 1
        session = PublisherSession(reader, writer, self, self._clock)
        try:
            await session.serve()
        finally:
            self._connections -= 1
            for ref in [ref for ref, on_line in self._on_line.items() if on_line.session is session]:
                del self._on_line[ref]
                self._log.say(Event.PUBLISHER_GONE, f"{ref}: the publisher is gone", shown=False, source=ref)

    def _note_refusal(self, code: str, ref: str = "") -> None:
        """Neither who it was nor what key they sent is written anywhere."""
        self._log.say(Event.PUBLISHER_REFUSED, f"a publisher was turned away: {code}", shown=False,
                      level=Level.WARNING, source=ref)

    def status(self) -> IngestStatus:
        """Who publishes now and who was turned away."""
        publishers = {
            str(ref): Publisher(on_line.since, on_line.relay.kbit_s(), on_line.relay.jumps)
            for ref, on_line in self._on_line.items()
        }
        return IngestStatus(self._clock.now(), publishers, dict(self._refusals), self._wrong_key, self._wrong_keys)

    def clear_sockets(self) -> None:
        """Take away the sockets: those of a predecessor that was killed, or our own at the end."""
        for ref in self._keys.values():
            live_socket(self._folders, ref).unlink(missing_ok=True)

    def _source_of(self, key: str) -> SourceRef | None:
        """Compares with every key, each in constant time, so that the answer's delay tells nothing of a key."""
        found = None
        for known, ref in self._keys.items():
            if hmac.compare_digest(known.encode(), key.encode("utf-8", "replace")):
                found = ref
        return found

    def _is_zombie(self, old: PublisherSession, new: PublisherSession) -> bool:
        """A publisher that fell silent: anybody may follow after three seconds, the same peer almost at once."""
        silent = self._clock.monotonic() - old.last_received_at
        return silent >= ZOMBIE_AFTER or (silent >= HALF_OPEN_AFTER and old.peer == new.peer)


def stream_keys(specs: Sequence[SourceSpec]) -> dict[str, SourceRef]:
    """Which stream key belongs to which source."""
    return {spec.stream_key: spec.ref for spec in specs if spec.kind is SourceKind.RTMP and spec.stream_key}


async def serve_ingest(
    keys: Mapping[str, SourceRef], host: str, port: int, folders: Folders, clock: Clock, log: Log,
    on_turn: Callable[[], None] = lambda: None,
) -> None:
    """Receive publishers on ``host``:``port`` until cancelled. ``keys`` maps stream keys to sources.

    Each source that is published to is handed out at ``live_socket``; the state lies at ``status_path``. ``on_turn``
    is called twice a second for as long as the event loop turns.
    Raises PortTaken and SocketPathTooLong.
    """
    if any(len(bytes(live_socket(folders, ref))) > MOST_PATH for ref in keys.values()):
        raise SocketPathTooLong(folder=str(folders.sockets))
    ingest = Ingest(keys, folders, clock, log)
    try:
        server = await asyncio.start_server(ingest.serve_connection, host, port)
    except OSError as error:
        raise PortTaken(host=host, port=port, reason=error.strerror or str(error)) from error
    ingest.clear_sockets()
    try:
        while True:
            on_turn()
            with contextlib.suppress(OSError):  # a full memory folder costs the status, not the streams
                write_status(folders, ingest.status())
            await asyncio.sleep(STATUS_EVERY)
    finally:
        server.close()
        ingest.clear_sockets()
