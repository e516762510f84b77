"""One supervisor at a time works on a data folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders

LEFT_BY_A_PREDECESSOR = 2.0
"""Seconds within which a supervisor that was killed and all its children are gone."""


class AlreadyServing(AllpointsError):
    """Another supervisor holds the data folder."""

    code = "already_serving"
    for_people = (
        "Allpoints already runs with the data folder {folder} (process {pid}). Use that one, or stop it first, "
        "or choose another folder with --data."
    )


class FolderForbidden(AllpointsError):
    """The data folder cannot be made or written."""

    code = "folder_forbidden"
    for_people = "The folder {folder} cannot be used: {reason}. Choose another with --data."


@contextlib.contextmanager
def held(folders: Folders, clock: Clock) -> Iterator[None]:
    """Make the folders and hold them for this process; the kernel lets go when it ends, however it ends.

    Raises AlreadyServing and FolderForbidden.
    """
    try:
        folders.make()
        lock = os.open(folders.data / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FolderForbidden(folder=str(folders.data), reason=error.strerror or str(error)) from None
    try:
        _take(lock, folders, clock)
        with contextlib.suppress(OSError):  # a full disk: whom it belongs to is then not said, but it is held
            os.pwrite(lock, b"%-19d\n" % os.getpid(), 0)  # always as long, so that it needs no more room
        yield
    finally:
        os.close(lock)


def _take(lock: int, folders: Folders, clock: Clock) -> None:
    give_up_at = clock.monotonic() + LEFT_BY_A_PREDECESSOR
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() >= give_up_at:
                pid = os.pread(lock, 20, 0).decode().strip() or "unknown"
                raise AlreadyServing(folder=str(folders.data), pid=pid) from None
            clock.sleep(0.1)
        else:
            return


def is_held(folders: Folders) -> bool:
    """Whether some supervisor works on the data folder now."""
    try:
        lock = os.open(folders.data / "serve.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(lock)
