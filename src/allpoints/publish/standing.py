"""How two machines of one gathering stand, in small notes between web, stage and command line of one of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.publish.air import Role

HEARD = timedelta(seconds=3)
Note = TypeVar("Note", bound=msgspec.Struct)


class NoSecondMachine(AllpointsError):
    """Nothing is known of another machine."""

    code = "no_second_machine"
    status = 409
    for_people = "This machine knows of no other. Name it with --peer or --standby-of, then start again."


class HeardOf(msgspec.Struct, frozen=True):
    """The other machine as it introduced itself when it asked. It may hear us where we cannot hear it."""

    generation: int
    role: Role
    machine: str


class Wanted(msgspec.Struct, frozen=True):
    """The other machine's wish for the air, under the generation that it would have."""

    generation: int


class Wish(msgspec.Struct, frozen=True):
    """A person's wish that the air change machines: on the one that stands by to take it, on the other to give it."""

    by: str
    at: datetime


class Standing(msgspec.Struct, frozen=True):
    """How the two machines stand, for this machine's pages and status. ``heard_at``: when the peer last answered.

    ``clocks_differ_ms``: how far the peer's wall clock is ahead of ours; None before it was heard.
    """

    role: Role
    generation: int
    peer: str
    at: datetime
    heard_at: datetime | None
    trouble: str = ""
    peer_role: Role | None = None
    peer_generation: int | None = None
    clocks_differ_ms: int | None = None

    @property
    def is_peer_heard(self) -> bool:
        """Whether the peer answered a moment before this was noted."""
        return self.heard_at is not None and self.at - self.heard_at < HEARD

    def stands_by(self, now: datetime) -> bool:
        """Whether this machine stands by, and that was noted a moment ago."""
        return self.role is Role.STANDBY and now - self.at < HEARD


class Notes:
    """Small files in the memory folder through which web, stage and command line tell one another of the air."""

    def __init__(self, folders: Folders) -> None:
        self._folder = folders.memory

    def leave(self, note: msgspec.Struct) -> None:
        """Put a note down in place of the last of its kind."""
        write_atomically(self._path(type(note)), msgspec.json.encode(note))

    def read(self, kind: type[Note]) -> Note | None:
        """The note of this kind; None where there is none."""
        try:
            return msgspec.json.decode(self._path(kind).read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError):
            return None

    def take(self, kind: type[Note]) -> Note | None:
        """The note of this kind, which is then no longer there."""
        note = self.read(kind)
        self._path(kind).unlink(missing_ok=True)
        return note

    def _path(self, kind: type[msgspec.Struct]) -> Path:
        return self._folder / f"air-{kind.__name__.lower()}.json"
