"""The door to the control page: who types the secret may come in, a few tries at a time."""

from __future__ import annotations

import math
import threading

from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.staff.secret import WrongSecret, as_made, matches, read_hash
from allpoints.staff.throttle import TokenBucket

_AT_ONCE = 2
_BURST, _PER_SECOND = 20.0, 4.0


class TooManyTries(AllpointsError):
    """Secrets are being tried faster than this machine checks them; the tries of all people count together."""

    code = "too_many_tries"
    status = 429
    for_people = "Too many secrets are being tried at the moment. Try again in {seconds} s."


class Door:
    """Checks secrets. One for a process; threads may share it. It keeps nothing about who tries."""

    def __init__(self, folders: Folders, clock: Clock) -> None:
        self._folders = folders
        self._clock = clock
        self._checking = threading.BoundedSemaphore(_AT_ONCE)
        self._counting = threading.Lock()
        self._bucket = TokenBucket(_BURST, _PER_SECOND, level=_BURST, at=clock.monotonic())

    def verify(self, secret: str) -> None:
        """Return if ``secret`` is right. Blocks for some 20 ms.

        Raises WrongSecret, TooManyTries, SecretMissing and SecretDamaged: in doubt nobody comes in.
        """
        encoded, canonical = read_hash(self._folders), as_made(secret)
        if canonical is None:  # costs nothing, so it does not count as a try
            raise WrongSecret
        with self._counting:
            self._bucket, wait = self._bucket.take(self._clock.monotonic())
        if wait:
            raise TooManyTries(seconds=math.ceil(wait))
        if not self._checking.acquire(blocking=False):
            raise TooManyTries(seconds=1)
        try:
            right = matches(encoded, canonical)
        finally:
            self._checking.release()
        if not right:
            raise WrongSecret
