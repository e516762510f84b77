"""Logs for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log


def quiet_log(folders: Folders) -> Log:
    """A log that takes everything and writes nothing."""
    return Log("test", folders, SystemClock(), lambda _: None)


def lines_of(path: Path) -> list[dict[str, Any]]:
    """What stands in a log file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]
