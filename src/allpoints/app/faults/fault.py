"""What a fault is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from allpoints.app.faults.house import House

OnAir = Literal["anything", "speaker", "file"]
"""What must be on air before a fault, for it to be seen at all: ``speaker`` is the live publisher."""

Group = Literal["processes", "sources", "machine"]


class How(Protocol):
    """How a fault is caused and undone."""

    def obstacle(self, house: House) -> str:
        """Why it cannot be caused here, as an English message id; empty when it can."""

    def caused(self, house: House) -> AbstractContextManager[None]:
        """Cause it on entering, undo on leaving what does not heal by itself. Raises AllpointsError, OSError."""


@dataclass(frozen=True)
class Limits:
    """Beyond these a fault has failed the audience; within them and noticed, the program was degraded.

    ``new_part``: seconds to the first new part, None where parts go on. ``hole``: segments that never come.
    ``stall``: seconds for which a player with an ordinary buffer stands still. ``back``: seconds until new
    segments come again and all processes run, counted from the moment it is undone.
    """

    hole: int = 0
    stall: float = 0.0
    new_part: float | None = None
    back: float = 20.0


@dataclass(frozen=True)
class Fault:
    """One row of the table. Texts are English message ids.

    ``will_see`` says what the audience sees; ``done`` and ``undone`` are what the log says when it happens.
    ``lasts``: seconds until it is undone. ``noticed``: the audience sees slate or something else instead.
    """

    code: str
    group: Group
    title: str
    will_see: str
    done: str
    how: How
    undone: str = ""
    lasts: float = 0.0
    limits: Limits = field(default_factory=Limits)
    on_air: OnAir = "anything"
