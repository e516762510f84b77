"""The tap on the program bus: how what is on air leaves the stage, which never asks who listens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import av

from allpoints.contribute.source import Sound


@dataclass(frozen=True, slots=True)
class ProgramTick:
    """One tick of program: what the audience is to see and hear.

    ``picture`` is yuv420p 1280×720 and shared by all subscribers: nobody mutates it.
    ``sound`` is float32, shape (1920, 2). ``beneath`` is the picture before graphics were drawn over it; None where
    there are none.
    """

    tick: int
    picture: av.VideoFrame
    sound: Sound
    beneath: av.VideoFrame | None = None

    @property
    def clean(self) -> av.VideoFrame:
        """The picture without graphics: the same object as ``picture`` where nothing is drawn."""
        return self.picture if self.beneath is None else self.beneath


class ProgramTap(Protocol):
    """A subscriber of the program. Called on the mixer's thread: each call must return within a millisecond."""

    def run_started(self, tick: int) -> None:
        """An unbroken run of ticks begins at ``tick``, a segment boundary later than any tick ever published."""

    def program(self, program: ProgramTick) -> None:
        """The next tick of the run: ticks follow one another without a hole until ``run_ended``."""

    def run_ended(self) -> None:
        """The run is over (shutdown, or the mixer fell behind and starts a new run at a later boundary)."""
