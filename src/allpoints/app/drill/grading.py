"""The grades, as pure rules: unnoticed, noticed within limits, or failed."""

from __future__ import annotations

import enum

import msgspec

from allpoints.app.drill.watching import Gotten
from allpoints.app.faults.breaking import Followed
from allpoints.app.faults.fault import Limits

UNNOTICED = 0.3
"""Seconds; nobody calls a picture that stands for less than that a stall."""


class Grade(enum.StrEnum):
    """What a fault did to the audience."""

    OK = "ok"  # nobody noticed
    DEGRADED = "degraded"  # noticed, and within the limits of the fault
    FAIL = "FAIL"
    SKIPPED = "skipped"  # it cannot be caused here


class Graded(msgspec.Struct, frozen=True):
    """One line of the report. Seconds; ``hole`` in segments; ``reasons``: why it failed or was skipped."""

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


def told_changed(names: list[str]) -> str:
    """The gravest of all reasons, in words."""
    return f"published bytes changed: {', '.join(names[:3])}"


def failures(limits: Limits, followed: Followed, gotten: Gotten) -> list[str]:
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
    if gotten.changed:
        found.append(told_changed(gotten.changed))
    if gotten.went_back:
        found.append("the media sequence went back")
    return found


def grade(failed: list[str], followed: Followed, gotten: Gotten) -> Grade:
    """The grade."""
    if failed:
        return Grade.FAIL
    noticed = gotten.hole > 0 or gotten.stall > UNNOTICED or followed.was_on_slate
    return Grade.DEGRADED if noticed else Grade.OK
