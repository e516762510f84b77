"""Who has the air: the role of this machine, and the generation that keeps two stages apart on any network."""

from __future__ import annotations

import contextlib
import enum
from datetime import datetime
from pathlib import Path

import msgspec

from allpoints.kernel.clock import Clock
from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import FIRST_GENERATION


class Role(enum.StrEnum):
    """What a machine's stage does."""

    ON_AIR = "on_air"
    STANDBY = "standby"


class Air(msgspec.Struct, frozen=True):
    """``generation`` is this machine's own while it is on air, else the highest it has heard of.

    ``machine`` is a random name, given once. ``begins``: the first segment that the generation may publish; ``ends``
    the first that it leaves to another to whom it hands over.
    """

    generation: int
    role: Role
    machine: str
    since: datetime
    begins: int = 0
    ends: int | None = None


def outranks(one: Air, other: Air) -> bool:
    """Whether ``one`` stays when both are on air. Equal generations come only of two machines set up as the first."""
    return (one.generation, one.machine) > (other.generation, other.machine)


def next_generation(seen: int, *, is_second: bool) -> int:
    """The generation with which a machine takes the air when it has heard of ``seen``.

    The first machine has the odd numbers and the second the even ones: not even two that cannot hear one another ever
    come to the same.
    """
    first = FIRST_GENERATION + is_second
    return first if seen < first else seen + 1 + (seen + 1 - first) % 2


def air_path(folders: Folders) -> Path:
    """The copy that other processes read: in memory, for they ask at each request."""
    return folders.memory / "air.json"


def is_on_air(folders: Folders) -> bool:
    """Whether this machine has the air, or never had anything to do with another; cheap enough for each request."""
    air = _read(air_path(folders))
    return air is None or air.role is Role.ON_AIR


def read_air(folders: Folders) -> Air | None:
    """Where this machine stands; None where it never had anything to do with another."""
    found = [air for path in (air_path(folders), folders.data / "air.json") if (air := _read(path))]
    return max(found, key=lambda air: (air.generation, air.since), default=None)


def write_air(folders: Folders, air: Air) -> None:
    """Remember it on the disk, then in memory. A full disk keeps nobody off air: then memory alone remembers, and
    raises OSError only where that is full too."""
    content = msgspec.json.encode(air)
    with contextlib.suppress(OSError):
        write_atomically(folders.data / "air.json", content, durable=True)
    write_atomically(air_path(folders), content)


def generation_alone(folders: Folders, clock: Clock) -> int:
    """The generation of a machine that has no other beside it. One that once stood by goes on with a number that the
    other never had. Raises OSError when not even memory takes it."""
    air = read_air(folders)
    if air is None:
        return FIRST_GENERATION
    if air.role is Role.STANDBY:
        own = max(FIRST_GENERATION, air.generation + 1)
        write_air(folders, Air(own, Role.ON_AIR, air.machine, clock.now()))
        return own
    return air.generation


def _read(path: Path) -> Air | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Air)
    except (OSError, msgspec.MsgspecError):
        return None
