"""Raw figures on the disk, with the commit that gave them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROOF = Path("docs/proof")


def keep(name: str, figures: dict[str, Any]) -> Path:
    """Write ``figures`` to ``docs/proof/<name>.json`` beside what they were measured on."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    dirty = bool(subprocess.run(["git", "status", "--porcelain", "--", "src", "bench", "tests"],
                                capture_output=True, text=True, check=False).stdout)
    PROOF.mkdir(parents=True, exist_ok=True)
    path = PROOF / f"{name}.json"
    path.write_text(json.dumps({
        "commit": commit + ("+changes" if dirty else ""),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        **figures,
    }, indent=2) + "\n")
    return path


def keep_picture(name: str, svg: str) -> Path:
    """Write a plot of the figures to ``docs/proof/<name>.svg``."""
    path = PROOF / f"{name}.svg"
    path.write_text(svg)
    return path
