"""When a standby takes the air, and when a stage gives it up: rules over what was heard, with time as input."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allpoints.publish.air import Air, Role, outranks

LEAST_ASKED = 3
"""One lost request, or this machine's own sleep, is no sign of death: so many in a row must tell the same."""

RESTART_SECONDS = 6.0
"""Beyond the limit, for a peer that answers and releases nothing: its stage is probably being started again, and that
is over sooner, for viewers too, than a take-over."""


@dataclass(frozen=True)
class Signs:
    """Signs of life of the peer. Times are monotonic seconds of this machine: no clock of the peer's matters.

    ``at``: when it was last heard that the peer is on air; ``missed``: how often in a row that was not heard since.
    ``moved_at``: when it last had released something new; ``unmoved``: answers since without anything new.
    """

    at: float
    moved_at: float
    newest: int = -2
    missed: int = 0
    unmoved: int = 0

    @classmethod
    def begin(cls, now: float) -> Signs:
        """Nothing heard yet: the limit counts from here, and for a peer that answers from its first answer."""
        return cls(now, now)

    def heard(self, now: float, newest: int) -> Signs:
        """The peer says that it is on air, and that ``newest`` is the last segment it has released anything of."""
        if newest > self.newest:
            return Signs(now, now, newest)
        return replace(self, at=now, missed=0, unmoved=self.unmoved + 1)

    def not_heard(self) -> Signs:
        """No answer, a broken one, or one that says the peer is not on air."""
        return replace(self, missed=self.missed + 1)


def is_gone(signs: Signs, now: float, limit: float, delay: float = 0.0) -> bool:
    """Whether the peer has left the air unserved for ``limit`` seconds. Ask after each answer or lack of one.

    ``delay``: the release delay; whoever has just taken the air releases nothing for so long.
    """
    if signs.missed:
        return signs.missed >= LEAST_ASKED and now - signs.at >= limit
    return signs.unmoved >= LEAST_ASKED and now - signs.moved_at >= limit + RESTART_SECONDS + delay


def stands_down(own: Air, peer: Air | None) -> bool:
    """Whether a stage on air must leave it to the peer."""
    return peer is not None and own.role is peer.role is Role.ON_AIR and outranks(peer, own)


def begins_after(own_segments: int, peer_newest: int) -> int:
    """The first segment of a new generation: after all that this machine has, and all it has heard of."""
    return max(own_segments, peer_newest) + 1
