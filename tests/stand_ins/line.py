"""An access line as a rule: when what is handed to it arrives at the other end. It reads no clock and moves no byte.

Packets of all connections queue for the rate of each way. Of TCP it knows what a weak line makes people wait for: the
handshake, a window, what lies behind a lost packet, and its being sent again. Acknowledgements cost it nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random

PACKET = 1_400
HEADER = 40
"""Bytes of a packet's content at most, and of IP and TCP before it."""

FIRST_WINDOW = 10
LEAST_WINDOW = 2
LEAST_TIMEOUT = 1.0


@dataclass(frozen=True)
class Line:
    """``rate`` is in bit/s, for each way; ``round_trip`` in seconds; ``loss``: the share of packets that get lost."""

    rate: float
    round_trip: float
    loss: float = 0.0

    @property
    def timeout(self) -> float:
        """How long a sender waits who learns of a loss by nothing else (RFC 6298)."""
        return max(LEAST_TIMEOUT, 2 * self.round_trip)

    def seconds_for(self, size: int) -> float:
        """How long a packet with ``size`` bytes of content keeps the line busy."""
        return (size + HEADER) * 8 / self.rate


WEAK = Line(64_000, 0.4, 0.03)
WEAKEST = Line(24_000, 0.8)
GOOD = Line(5_000_000, 0.04)


def timeouts(first: float, losses: int) -> float:
    """How long a sender waits in all, each time twice as long as before (RFC 6298)."""
    return first * float(2**losses - 1)


@dataclass(frozen=True)
class Passage:
    """What became of a packet: it ``waited`` for others, and got lost ``losses`` times before it came through."""

    waited: float
    losses: int
    arrives_at: float


@dataclass
class Way:
    """One direction, shared by all connections: first come, first served."""

    line: Line
    chance: Random
    free_at: float = 0.0

    def carry(self, at: float, size: int) -> Passage:
        """Take a packet at the second ``at``. What is sent again is charged to the rate at once."""
        begins, takes, losses = max(at, self.free_at), self.line.seconds_for(size), self.losses()
        self.free_at = begins + takes * (1 + losses)
        # Those behind a full packet tell of its loss (RFC 5681); nothing is behind the end of a burst.
        again = losses * self.line.round_trip if size == PACKET else timeouts(self.line.timeout, losses)
        arrives_at = begins + takes * (1 + losses) + again + self.line.round_trip / 2
        return Passage(begins - at, losses, arrives_at)

    def losses(self) -> int:
        """How often the next packet is lost before it comes through."""
        losses = 0
        while self.chance.random() < self.line.loss:
            losses += 1
        return losses


@dataclass
class Stream:
    """One direction of one connection: its bytes arrive in order, and only so many packets are under way at once.

    The window begins at ten packets (RFC 6928). It grows by one with each packet that waited less than a round trip,
    as senders do that heed the delay (RFC 9406), and is halved by a loss.
    """

    way: Way
    window: float = FIRST_WINDOW
    _known_at: deque[tuple[float, Passage]] = field(default_factory=deque)
    _arrived_at: float = 0.0

    def may_send_at(self, now: float) -> float:
        """The second from which the window lets another packet go."""
        while self._known_at and self._known_at[0][0] <= now:
            self._acknowledged(self._known_at.popleft()[1])
        return now if len(self._known_at) < int(self.window) else self._known_at[0][0]

    def carry(self, at: float, size: int) -> float:
        """Hand over a packet; the second at which its receiver has it and all before it."""
        passage = self.way.carry(at, size)
        self._arrived_at = max(self._arrived_at, passage.arrives_at)
        self._known_at.append((self._arrived_at + self.way.line.round_trip / 2, passage))
        return self._arrived_at

    def _acknowledged(self, passage: Passage) -> None:
        if passage.losses:
            self.window = max(LEAST_WINDOW, self.window / 2)
        elif passage.waited < self.way.line.round_trip:
            self.window += 1


class Access:
    """What one household has: both ways of a line, and the names it knows. An equal ``seed`` gives an equal fate."""

    def __init__(self, line: Line, seed: int) -> None:
        chance = Random(seed)
        self.line = line
        self.up, self.down = (Way(line, Random(chance.getrandbits(32))) for _ in range(2))
        self._known: set[str] = set()

    def open(self, at: float, host: str) -> float:
        """When a connection that is asked for at ``at`` can be written to: after the name's look-up and a handshake,
        each a round trip."""
        if host not in self._known:
            self._known.add(host)
            at += self.line.round_trip
        losses = self.up.losses() + self.down.losses()
        return at + self.line.round_trip + timeouts(LEAST_TIMEOUT, losses)
