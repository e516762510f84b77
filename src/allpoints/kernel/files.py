"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_atomically(path: Path, content: bytes, *, durable: bool = False, private: bool = False) -> None:
    """Replace ``path`` by ``content`` in one step; with ``durable`` it is on the disk when this returns.

    With ``private`` only this user can ever read it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        if private:
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
        with draft.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):  # where there is no room, half a draft must not take what is left
            draft.unlink(missing_ok=True)
        raise


def free_bytes(folder: Path) -> int:
    """How much still fits on the file system of ``folder``."""
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait until no other process or thread is inside with the same ``path``, an empty file made for this purpose.

    The kernel ends the lock with its holder, however that dies; the file stays.
    """
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
