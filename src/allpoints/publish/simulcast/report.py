"""What the simulcast tells about itself, for pages and alarms: a file in the memory folder. No keys, no addresses."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders

State = Literal["waiting", "connecting", "sending", "stalled", "refused", "off"]
"""*Waiting*: nothing is released. *Connecting*: called, or called again after it hung up. *Stalled*: it takes
nothing. *Refused*: it did not let us in, or does not answer. Stalled and refused stay until it takes something."""


class ReceiverState(msgspec.Struct, frozen=True):
    """How one receiver is. ``bytes`` are what it took since the process began, ``retries`` how often it was called
    again, ``dropped`` segments that it was not sent because it was slow; ``log`` is ffmpeg's last word."""

    receiver: str
    state: State
    since: datetime
    bytes: int = 0
    retries: int = 0
    dropped: int = 0
    log: str = ""


class SimulcastReport(msgspec.Struct, frozen=True):
    """All receivers, in the order of the plan. Written at each change and once a second."""

    at: datetime
    receivers: list[ReceiverState]


def report_path(folders: Folders) -> Path:
    """Where the report lies."""
    return folders.memory / "simulcast.json"


def write_report(folders: Folders, report: SimulcastReport) -> None:
    """Replace the report."""
    write_atomically(report_path(folders), msgspec.json.encode(report))


def read_report(folders: Folders) -> SimulcastReport | None:
    """The last report; None where there is none. How old it is says whether the process lives."""
    try:
        return msgspec.json.decode(report_path(folders).read_bytes(), type=SimulcastReport)
    except (OSError, msgspec.MsgspecError):
        return None
