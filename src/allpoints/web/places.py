"""Who may take an endless file, and who waits in line for a place. Times are monotonic seconds."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

KEPT_SECONDS = 20.0
"""For so long a place is kept for somebody who was given it and has not come, or who was cut off."""

ASKS_WITHIN = 45.0
"""Who waits and has not asked again for so long has gone away. Pages ask every ten seconds; on a weak link the page
itself takes as long again, and more."""

LONGEST_LINE = 2_000
"""Further ones would wait for hours, and are sent to the sound and the text at once."""

MOST_EACH = 2
"""Connections on one ticket: a player may make a second before it ends the first."""


def new_ticket() -> str:
    """A word that nobody else has. It lives in the address of its holder's page and nowhere else."""
    return secrets.token_urlsafe(12)


@dataclass(frozen=True)
class Standing:
    """Where the holder of a ticket stands: at a place, or in line with so many ``before``.

    ``ticket`` is empty where the line is too long to join.
    """

    ticket: str
    has_place: bool
    before: int = 0


@dataclass
class Places:
    """At most ``most`` have a place at once; the others wait in the order in which they came."""

    most: int
    _taken: dict[str, int] = field(default_factory=dict)
    """Ticket → how many connections it has now."""
    _kept: dict[str, float] = field(default_factory=dict)
    """Ticket → until when a place is kept for it."""
    _line: dict[str, float] = field(default_factory=dict)
    """Ticket → when it asked last, in order of arrival."""

    def ask(self, ticket: str, now: float) -> Standing:
        """A place where one is free, else a place in line. One who comes with a ticket that nobody knows any more,
        or that others use already, gets a new one."""
        self._forget(now)
        if self._has_place(ticket):
            if ticket in self._kept:
                self._kept[ticket] = now + KEPT_SECONDS
            return Standing(ticket, has_place=True)
        if ticket not in self._line:
            if len(self._line) >= LONGEST_LINE:
                return Standing("", has_place=False, before=len(self._line))
            ticket = new_ticket()
        self._line[ticket] = now
        if not self._is_next(ticket):
            return Standing(ticket, has_place=False, before=list(self._line).index(ticket))
        del self._line[ticket]
        self._kept[ticket] = now + KEPT_SECONDS
        return Standing(ticket, has_place=True)

    def may_come(self, ticket: str, now: float) -> bool:
        """Whether one who connects has a place. Where places are free and nobody waits for them, everybody has."""
        self._forget(now)
        return self._has_place(ticket) or (ticket not in self._taken and self._is_next(ticket))

    def come(self, ticket: str, now: float) -> bool:
        """One who connects takes the place, if there is one."""
        if not self.may_come(ticket, now):
            return False
        self._line.pop(ticket, None)
        self._kept.pop(ticket, None)
        self._taken[ticket] = self._taken.get(ticket, 0) + 1
        return True

    def go(self, ticket: str, now: float, *, comes_back: bool = True) -> None:
        """One connection ended; the place is kept for a while where its player may come back on the same ticket."""
        self._taken[ticket] -= 1
        if not self._taken[ticket]:
            del self._taken[ticket]
            if comes_back:
                self._kept[ticket] = now + KEPT_SECONDS

    def _has_place(self, ticket: str) -> bool:
        return ticket in self._kept or 0 < self._taken.get(ticket, 0) < MOST_EACH

    def _is_next(self, ticket: str) -> bool:
        """Whether there is a free place for each in line up to this one, who stands at its end if nowhere else."""
        line = list(self._line)
        before = line.index(ticket) if ticket in self._line else len(line)
        return before < self.most - len(self._taken) - len(self._kept)

    def _forget(self, now: float) -> None:
        self._kept = {ticket: until for ticket, until in self._kept.items() if until > now}
        self._line = {ticket: asked for ticket, asked in self._line.items() if asked > now - ASKS_WITHIN}
