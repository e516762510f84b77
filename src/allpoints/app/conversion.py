"""Converting a heavy file from the command line, with a progress bar."""

from __future__ import annotations

from pathlib import Path

from rich.progress import Progress

from allpoints.contribute.convert import conversion_of, convert
from allpoints.kernel.folders import Folders


def convert_with_progress(path: Path, folders: Folders) -> Path:
    """Convert ``path`` to where its source looks for the conversion, and return that. Raises a MediaRefused."""
    folders.make()
    target = conversion_of(path, folders)
    with Progress() as progress:
        task = progress.add_task(path.name, total=1.0)
        convert(path, target, lambda fraction: progress.update(task, completed=fraction))
    return target
