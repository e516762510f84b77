"""What two machines of one gathering say to one another over HTTP, and the asking end of it."""

from __future__ import annotations

import http.client
import ssl
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.timeline import Timeline
from allpoints.publish.air import Air
from allpoints.publish.dumps import Decision
from allpoints.publish.playlists import Run

PREFIX = "/standby/"
JOURNAL_PIECE = 1 << 20
LARGEST_ANSWER = 64 << 20
Answer = TypeVar("Answer", bound=msgspec.Struct)


class PeerState(msgspec.Struct, frozen=True):
    """How the other machine stands.

    ``plan`` is a digest of what is planned, ``journal`` the journal's length in bytes. ``files`` are the released
    segments and init files by rendition, ``newest`` the last segment of which anything is released, parts included.
    ``offered_by``: who on that machine wishes to hand the air over.
    """

    air: Air
    at: datetime
    epoch: datetime
    plan: str
    ladder: str
    runs: list[Run]
    dumps: list[Decision]
    journal: int
    files: dict[str, list[str]]
    newest: int
    offered_by: str = ""

    @property
    def tick(self) -> int:
        """What is on program when it says this, by its own clock."""
        return Timeline(self.epoch).tick_at(self.at)


class Agreed(msgspec.Struct, frozen=True):
    """The answer to a wish to take over: the first segment that is the other's."""

    ends: int


class PeerSilent(AllpointsError):
    """The other machine cannot be reached, or its answer is broken."""

    code = "peer_silent"
    status = 503
    for_people = "The other machine does not answer ({reason}). See whether it runs and its address is right."


class PeerRefuses(AllpointsError):
    """The other machine answers, and refuses: it lives."""

    code = "peer_refuses"
    status = 502
    for_people = (
        "The other machine refuses ({status}). Give both the same --standby-key, and each the address of the other."
    )


class Peer:
    """The other machine's web as one connection. Not for several threads at once.

    Every method raises PeerSilent, and PeerRefuses where the answer is 401, 403 or 404.
    """

    def __init__(self, address: str, key: str, *, timeout: float) -> None:
        parts = urlsplit(address)
        self._is_tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._base = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def state(self, own: Air) -> PeerState:
        """How it stands; it learns how we do."""
        told = urlencode({"generation": own.generation, "role": own.role.value, "machine": own.machine})
        return self._decoded("GET", f"{PREFIX}state?{told}", PeerState)

    def agree(self, generation: int) -> Agreed:
        """Ask it to leave the air to ``generation``."""
        return self._decoded("POST", f"{PREFIX}hand-over?{urlencode({'generation': generation})}", Agreed)

    def journal(self, begins: int, digest: str | None = None) -> bytes | None:
        """Up to a megabyte of its journal from an offset; None where what lies before has not ``digest``."""
        asked = {"from": begins} | ({"sha256": digest} if digest else {})
        status, content = self._ask("GET", f"{PREFIX}journal?{urlencode(asked)}")
        return None if status == http.client.CONFLICT else self._good(status, content)

    def released(self, name: str) -> bytes | None:
        """A released file by its name under /live/; None where it has it no more."""
        status, content = self._ask("GET", f"/live/{name}")
        return None if status == http.client.NOT_FOUND else self._good(status, content)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _decoded(self, method: str, path: str, kind: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(self._good(*self._ask(method, path)), type=kind)
        except msgspec.MsgspecError as error:
            raise PeerSilent(reason=str(error)) from None

    @staticmethod
    def _good(status: int, content: bytes) -> bytes:
        if status in (401, 403, 404):
            raise PeerRefuses(status=status)
        if status != http.client.OK:
            raise PeerSilent(reason=f"status {status}")
        return content

    def _ask(self, method: str, path: str) -> tuple[int, bytes]:
        """Status and whole body; a body cut short is no answer."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.request(method, self._base + path, headers=self._headers)
            answer = self._connection.getresponse()
            content = answer.read(LARGEST_ANSWER)
            if not answer.isclosed() or answer.will_close:
                self.close()
            if answer.length:  # http.client raises nothing when it was told how much to read at most
                raise PeerSilent(reason="an answer was cut short")
            return answer.status, content
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise PeerSilent(reason=str(error) or type(error).__name__) from None

    def _connect(self) -> http.client.HTTPConnection:
        if self._is_tls:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
