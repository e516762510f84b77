"""What the ingest tells about itself: who publishes, since when, and who was turned away. No addresses, no keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceRef


class Publisher(msgspec.Struct, frozen=True):
    """Somebody who publishes now. ``jumps`` counts how often their clock jumped and was put right."""

    since: datetime
    kbit_s: int
    jumps: int = 0


class Refused(msgspec.Struct, frozen=True):
    """The last time somebody was turned away; ``code`` is an error's code."""

    at: datetime
    code: str


class IngestStatus(msgspec.Struct, frozen=True):
    """The ingest's state, written twice a second. ``wrong_key`` is the last publisher with a key nobody has."""

    at: datetime
    publishers: Mapping[str, Publisher] = {}
    refusals: Mapping[str, Refused] = {}
    wrong_key: Refused | None = None
    wrong_keys: int = 0


def status_path(folders: Folders) -> Path:
    """Where the status lies."""
    return folders.sockets / "ingest.json"


def live_socket(folders: Folders, ref: SourceRef) -> Path:
    """The Unix socket that hands out a source's FLV; it exists while somebody publishes."""
    return folders.sockets / f"live-{ref}.sock"


def write_status(folders: Folders, status: IngestStatus) -> None:
    """Replace the status file."""
    write_atomically(status_path(folders), msgspec.json.encode(status))


def read_status(folders: Folders) -> IngestStatus | None:
    """The last status written; None when there is no ingest yet."""
    try:
        return msgspec.json.decode(status_path(folders).read_bytes(), type=IngestStatus)
    except (OSError, msgspec.MsgspecError):
        return None
