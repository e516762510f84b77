"""How this process asks the C library for memory."""

from __future__ import annotations

import contextlib
import ctypes

_M_ARENA_MAX = -8
"""mallopt(3)."""


def share_arenas(most: int = 2) -> None:
    """Let all threads share ``most`` heaps instead of having one each; call it before threads start.

    A source's thread reads some thirty megabytes of pictures ahead. With heaps of their own, glibc keeps that for
    threads that are no more: a stage that opens film after film would grow by thirty megabytes up to sixteen times.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library has no such habit
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, most)
