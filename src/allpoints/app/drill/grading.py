"""The grades, as pure rules: unnoticed, noticed within limits, or failed."""

from __future__ import annotations

import enum

import msgspec

from allpoints.app.drill.chromium import Shown
from allpoints.app.drill.viewing import HOLD_BACK
from allpoints.app.drill.watching import Gotten
from allpoints.app.faults.breaking import Followed
from allpoints.app.faults.fault import Limits

UNNOTICED = 0.3
"""Seconds; nobody calls a picture that stands for less than that a stall."""

LATE = 2.0
"""Seconds that a browser may stand still after it played all that it held, where nothing should be seen. It may stand
longer by what it held less than an ordinary player does, as after a fault shortly before."""


class Grade(enum.StrEnum):
    """What a fault did to the audience."""

    OK = "ok"  # nobody noticed
    DEGRADED = "degraded"  # noticed, and within the limits of the fault
    FAIL = "FAIL"
    SKIPPED = "skipped"  # it cannot be caused here


class Graded(msgspec.Struct, frozen=True):
    """One line of the report. Seconds; ``hole`` in segments; ``reasons``: why it failed or was skipped.
    ``stall`` is what an ordinary player must stand still, computed; ``shown`` what a Chromium did, if one watched."""

    code: str
    title: str
    grade: Grade
    reasons: list[str] = []
    new_part: float | None = None
    hole: int = 0
    stall: float = 0.0
    back: float | None = None
    slate: bool = False
    story: list[str] = []
    shown: Shown | None = None

    @property
    def still(self) -> float:
        """Seconds for which viewers saw a picture stand: what a browser showed, or else what is computed."""
        return self.stall if self.shown is None else self.shown.still

    def verdict(self) -> str:
        """Pass or fail, in words."""
        if self.grade is Grade.FAIL:
            return f"Failed: {'; '.join(self.reasons)}."
        if self.grade is Grade.SKIPPED:
            return f"Not tried: {self.reasons[0]}"
        if self.grade is Grade.OK:
            return "Passed: viewers noticed nothing."
        return f"Passed: viewers noticed it{', and saw the slate' if self.slate else ''}, within its limits."


def told_changed(names: list[str]) -> str:
    """The gravest of all reasons, in words."""
    return f"published bytes changed: {', '.join(names[:3])}"


def failures(limits: Limits, followed: Followed, gotten: Gotten, shown: Shown | None = None) -> list[str]:
    """In what way the limits were passed; empty when they held."""
    found = []
    if followed.back is None:
        found.append("it did not become as before")
    elif followed.back > limits.back:
        found.append(f"as before after {followed.back:.1f} s, the limit is {limits.back:g} s")
    if gotten.hole > limits.hole:
        found.append(f"a hole of {gotten.hole} segments, the limit is {limits.hole}")
    if gotten.stall > max(limits.stall, UNNOTICED):
        found.append(f"the player stood still for {gotten.stall:.1f} s, the limit is {limits.stall:g} s")
    if limits.new_part is not None and gotten.new_part > limits.new_part:
        found.append(f"the first new part after {gotten.new_part:.1f} s, the limit is {limits.new_part:g} s")
    if shown is not None and not shown.goes_on:
        found.append("Chromium did not go on by itself")
    if shown is not None and not limits.stall and shown.early > UNNOTICED:
        found.append(f"Chromium stood still for {shown.early:.1f} s while it had {shown.held:.1f} s to play")
    if shown is not None and shown.still > (most := max(limits.stall, LATE) + max(0.0, HOLD_BACK - shown.held)):
        found.append(f"Chromium stood still for {shown.still:.1f} s, the limit is {most:.1f} s")
    if gotten.changed:
        found.append(told_changed(gotten.changed))
    if gotten.went_back:
        found.append("the media sequence went back")
    return found


def grade(failed: list[str], followed: Followed, gotten: Gotten, shown: Shown | None = None) -> Grade:
    """The grade."""
    if failed:
        return Grade.FAIL
    still = max(gotten.stall, shown.still if shown else 0.0)
    noticed = gotten.hole > 0 or still > UNNOTICED or followed.was_on_slate
    return Grade.DEGRADED if noticed else Grade.OK
