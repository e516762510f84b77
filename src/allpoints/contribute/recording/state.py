"""What the recorder tells about itself while it works: for the control page, the doctor and the metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from allpoints.contribute.recording.disk import Disk, Kind, seconds_left
from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders

FRESH = timedelta(seconds=5)
"""A state that is older was left behind: nothing is being recorded."""


class TrackState(msgspec.Struct, frozen=True):
    """One thing that is recorded. ``what`` is ``program``, ``clean`` or a source's ref; ``kind`` says which of them.

    ``state``: ``waiting`` means that nothing comes in, ``stopped`` that what comes in is not recorded now, and
    ``code`` says why (a key of ``gaps.WHY``); otherwise ``code`` is that of the last trouble, at ``trouble_at``.
    ``file`` is beneath the recordings' folder.
    """

    what: str
    kind: Kind
    state: Literal["recording", "waiting", "stopped"]
    file: str = ""
    bytes_per_second: int = 0
    code: str = ""
    trouble: str = ""
    trouble_at: datetime | None = None


class RecordingState(msgspec.Struct, frozen=True):
    """The recorder, written once a second. ``seconds_left``: until the first track gives way, at this rate."""

    at: datetime
    tracks: list[TrackState]
    free_bytes: int
    total_bytes: int
    seconds_left: int | None

    @property
    def bytes_per_second(self) -> int:
        """What all tracks write together."""
        return sum(track.bytes_per_second for track in self.tracks)


def state_path(folders: Folders) -> Path:
    """Where the state lies: in memory, so that it can tell of a full disk."""
    return folders.memory / "recording.json"


def state_of(at: datetime, tracks: list[TrackState], disk: Disk) -> RecordingState:
    """The whole state, with the forecast."""
    writing = [track for track in tracks if track.bytes_per_second]
    rate = sum(track.bytes_per_second for track in writing)
    left = seconds_left(disk, rate, {track.kind for track in writing})
    return RecordingState(at, tracks, disk.free, disk.total, left)


def write_state(folders: Folders, state: RecordingState) -> None:
    """Replace the state file."""
    write_atomically(state_path(folders), msgspec.json.encode(state))


def read_state(folders: Folders, now: datetime | None = None) -> RecordingState | None:
    """The state as it was last written; None when there is none, or when by ``now`` it is too old to be true."""
    try:
        state = msgspec.json.decode(state_path(folders).read_bytes(), type=RecordingState)
    except (OSError, msgspec.MsgspecError):
        return None
    return None if now is not None and abs(now - state.at) > FRESH else state
