"""What the stage asks of the room that has the sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from allpoints.contribute.source import Feed, SourceStatus
from allpoints.schedule.model import SourceRef


@dataclass(frozen=True)
class DeskRow:
    """One source of the gathering: what it is called, what it is made of, how it is."""

    name: str
    kind: str
    status: SourceStatus


class Sources(Protocol):
    """All sources of the gathering. No call blocks: opening and ending children happens on the owner's own thread."""

    def open(self, ref: SourceRef) -> Feed:
        """A new feed of that source from its start, decoding from now on. Closing it gives the decoder back."""

    def rows(self) -> Sequence[DeskRow]:
        """Every source, in the gathering's order."""

    def restart(self, ref: SourceRef) -> None:
        """End and reopen that source's children, feeds on air included."""
