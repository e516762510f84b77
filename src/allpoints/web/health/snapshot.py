"""Everything that is known of a running gathering's health at one moment, in one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from allpoints.contribute.ingest_status import IngestStatus
from allpoints.contribute.recording.state import RecordingState
from allpoints.publish.simulcast.report import SimulcastReport
from allpoints.stage.protocol import StageReport

PEER_SILENT = timedelta(seconds=5)


class Rendition(msgspec.Struct, frozen=True):
    """One rendition as its playlist stands. ``next_segment`` is the number that comes next, ``age_s`` the seconds
    since the playlist changed, ``missing`` how many of its segments are announced as gaps."""

    name: str
    next_segment: int
    age_s: float
    missing: int


class Process(msgspec.Struct, frozen=True):
    """One process of this machine. What the kernel does not tell is None."""

    name: str
    pid: int | None
    starts: int
    descriptors: int | None = None
    descriptor_limit: int | None = None
    resident_bytes: int | None = None


class Space(msgspec.Struct, frozen=True):
    """Room in a folder's file system."""

    free_bytes: int
    total_bytes: int


class Standby(msgspec.Struct, frozen=True):
    """What this machine knows of the other one, where there is one; ``heard_at``: when that last answered."""

    at: datetime
    role: str = ""
    heard_at: datetime | None = None

    @property
    def is_peer_heard(self) -> bool:
        """Whether the other machine answers."""
        return self.heard_at is not None and self.at - self.heard_at < PEER_SILENT


class Snapshot(msgspec.Struct, frozen=True):
    """``report`` is None when the stage does not answer; then ``silent_s`` says for how long (None: it never did).

    ``wrong_keys`` and ``starts`` count the last ten minutes only; ``starts`` without the first one of each process.
    """

    at: datetime
    report: StageReport | None
    silent_s: float | None
    ingest: IngestStatus | None
    renditions: list[Rendition]
    processes: list[Process]
    disk: Space
    memory: Space
    dumps: int = 0
    recording: RecordingState | None = None
    simulcast: SimulcastReport | None = None
    standby: Standby | None = None
    wrong_keys: int = 0
    starts: Mapping[str, int] = {}

    @property
    def stands_by(self) -> bool:
        """Whether this machine leaves the air to the other: then nobody expects its stage to answer."""
        return self.standby is not None and self.standby.role == "standby"

    @property
    def released_age_s(self) -> float | None:
        """Seconds since anything was released last; None where nothing ever was."""
        return min((rendition.age_s for rendition in self.renditions), default=None)
