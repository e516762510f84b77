"""A small disk of a gathering's own, so that “disk full” is real and no disk of the machine is ever filled.

A memory-backed file system of limited size is mounted over a folder, in a mount namespace that only this process and
its children see; where the user is not root, with a user namespace around it. Linux only; nothing is left behind.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

MARK = ".small-disk"
"""An empty file at the root of such a disk. No other disk is ever filled, however small."""

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_NOSUID, _MS_NODEV, _MS_REC, _MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000


def enter_own_mounts() -> str:
    """Give this process mounts of its own; call it before any thread starts. Answers why not, or an empty text.

    A user who is not root stays the same user inside.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWNS if user == 0 else _CLONE_NEWNS | _CLONE_NEWUSER) != 0:
        return os.strerror(ctypes.get_errno())
    try:
        if user != 0:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError as error:
        return error.strerror or str(error)
    if libc.mount(None, b"/", None, _MS_REC | _MS_PRIVATE, None) != 0:
        return os.strerror(ctypes.get_errno())
    return ""


def mount_small_disk(folder: Path, size: int) -> str:
    """Mount ``size`` bytes over ``folder``, after ``enter_own_mounts``. Answers why not, or an empty text."""
    libc = ctypes.CDLL(None, use_errno=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = f"size={size},mode=0700,uid={os.geteuid()},gid={os.getegid()}".encode()
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", _MS_NOSUID | _MS_NODEV, options) != 0:
        return os.strerror(ctypes.get_errno())
    (folder / MARK).touch()
    return ""


def is_small(folder: Path) -> bool:
    """Whether a folder lies on a small disk that was mounted for it: only such a disk may be filled."""
    places = (folder.resolve(), *folder.resolve().parents)
    return (next(place for place in places if place.is_mount()) / MARK).exists()
