"""The words between the Break-it panel and the process that breaks, over ``sockets/breaker.sock``.

One JSON object a line: a request, and its answer. Sentences are English message ids; ``who`` is one too, and fills
the field of that name. The panel's end is here because the web serves it; the demo starts the other end.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from allpoints.stage.protocol import Refusal


class Look(msgspec.Struct, tag_field="verb", tag="look", frozen=True):
    """Ask for a ``BreakReport``."""


class Cause(msgspec.Struct, tag_field="verb", tag="cause", frozen=True):
    """Cause one fault; 409 while another is under way."""

    code: str
    by: str = ""


BreakRequest = Look | Cause


class BreakEvent(msgspec.Struct, frozen=True):
    """One thing that happened, in words."""

    at: datetime
    message: str
    who: str = ""
    values: dict[str, str | int | float] = {}


class Happening(msgspec.Struct, frozen=True):
    """One fault from its cause to the end of what followed; ``is_over`` when all is as before, or given up."""

    number: int
    code: str
    title: str
    is_over: bool
    events: list[BreakEvent]


class FaultRow(msgspec.Struct, frozen=True):
    """A fault that can be caused; ``obstacle`` says why not here, else it is empty."""

    code: str
    group: str
    title: str
    will_see: str
    obstacle: str


class BreakReport(msgspec.Struct, frozen=True):
    """All that the panel shows. ``running`` is the code of the fault under way. The newest happening comes first."""

    faults: list[FaultRow]
    running: str | None
    happenings: list[Happening]


class BreakReply(msgspec.Struct, frozen=True):
    """The answer to ``Cause``."""

    ok: bool
    refusal: Refusal | None = None
