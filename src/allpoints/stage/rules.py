"""When a take is refused: pure rules over what was pressed and when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allpoints.kernel.errors import AllpointsError
from allpoints.stage.protocol import Take

TAKE_PAUSE_SECONDS = 1.0
REMEMBERED_KEYS = 64


class StaleTake(AllpointsError):
    """TAKE named an airing that is no longer the one on air: somebody else took in between."""

    code = "stale_take"
    status = 409
    for_people = "The program has changed since you pressed TAKE. Look at what is on air and press again."


class TooSoon(AllpointsError):
    """A second take within a second of the last: a double press."""

    code = "too_soon"
    status = 429
    for_people = "A take was made less than a second ago. Wait {wait_ms} ms and press again."


class NothingNext(AllpointsError):
    """TAKE with nothing cued."""

    code = "nothing_next"
    status = 409
    for_people = "Nothing is cued as NEXT. Choose an item or a source first."


class NotReady(AllpointsError):
    """NEXT cannot deliver a picture now."""

    code = "not_ready"
    status = 409
    for_people = "NEXT, {title}, has no picture now ({reason}). Wait for it or cue something else."


class UnknownItem(AllpointsError):
    """A cue for an item or a source that the rundown does not hold."""

    code = "unknown_item"
    status = 404
    for_people = "There is no item or source “{name}”. Reload the page and choose from the list."


@dataclass(frozen=True)
class TakeHistory:
    """What the guards remember: when the last take was, and the airings that idempotency keys already made."""

    last_take: float = float("-inf")
    by_key: tuple[tuple[str, str], ...] = ()

    def airing_of(self, key: str) -> str | None:
        """The airing that this key made before, if any."""
        return next((airing for known, airing in self.by_key if key and known == key), None)

    def taken(self, key: str, airing: str, monotonic: float) -> TakeHistory:
        """The history after an accepted take."""
        by_key = (*self.by_key, (key, airing))[-REMEMBERED_KEYS:] if key else self.by_key
        return replace(self, last_take=monotonic, by_key=by_key)


def guard(take: Take, on_air: str | None, history: TakeHistory, monotonic: float) -> None:
    """Raise StaleTake or TooSoon where the press cannot mean what it says; return where it can."""
    if take.airing is not None and take.airing != on_air:
        raise StaleTake
    wait = history.last_take + TAKE_PAUSE_SECONDS - monotonic
    if wait > 0:
        raise TooSoon(wait_ms=round(wait * 1000))
