"""Work whose result is kept in the memory folder, so that a process that starts again need not do it again."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders


def kept(folders: Folders, name: str, of: Iterable[str | bytes | Path], make: Callable[[], bytes]) -> bytes:
    """What ``make`` made under this name, unless anything in ``of`` has changed since.

    ``of`` is all that the result depends on: words, bytes, and files whose content counts (the code that makes it).
    """
    digest = hashlib.sha256()
    for part in of:
        told = part.read_bytes() if isinstance(part, Path) else part.encode() if isinstance(part, str) else part
        digest.update(b"%d " % len(told) + told)
    path = folders.kept / f"{name}.{digest.hexdigest()[:20]}"
    with contextlib.suppress(OSError):
        return path.read_bytes()
    made = make()
    with contextlib.suppress(OSError):  # a full memory folder costs the next start some time
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for older in path.parent.glob(f"{name}.*"):
            older.unlink(missing_ok=True)
        write_atomically(path, made)
    return made
