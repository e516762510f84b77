"""What a process takes of the machine, read from /proc."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figures:
    """``resident_mb`` is what of its memory lies in RAM, in MB of 1,000,000 bytes."""

    resident_mb: float
    threads: int
    descriptors: int


def figures_of(pid: int) -> Figures:
    """The figures of a process now. Raises OSError when it is gone."""
    status = Path(f"/proc/{pid}/status").read_text()

    def field(name: str) -> int:
        match = re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)
        return int(match[1]) if match else 0

    descriptors = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Figures(round(field("VmRSS") * 1024 / 1e6, 2), field("Threads"), descriptors)
