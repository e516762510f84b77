"""Which thread goes first when there is work for more than there are cores."""

from __future__ import annotations

import contextlib
import os
import threading

FIRST = -10
"""The niceness of what must not be late; the unit for systemd allows it."""


def go_first() -> None:
    """Let this thread go before others of this machine; where the system does not allow that, it goes with them."""
    with contextlib.suppress(OSError):  # only root may, and who has LimitNICE (RLIMIT_NICE)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), FIRST)
