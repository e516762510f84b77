"""What the stage asks of the room that has the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from allpoints.contribute.source import DeskRow, Feed
from allpoints.schedule.model import SourceRef


class Sources(Protocol):
    """All sources of the gathering. No call blocks: opening and ending children happens on the owner's own thread."""

    def open(self, ref: SourceRef, from_ticks: int = 0) -> Feed:
        """A new feed of that source, decoding from now on. Closing it gives the decoder back.

        A file begins ``from_ticks`` after its start; a still and a live source have no start.
        """

    def rows(self) -> Sequence[DeskRow]:
        """Every source, in the gathering's order."""

    def restart(self, ref: SourceRef) -> None:
        """End and reopen that source's children, feeds on air included."""
