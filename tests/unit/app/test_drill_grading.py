"""The grades: unnoticed, noticed within limits, failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from allpoints.app.drill.drill import NoSuchFault, chosen
from allpoints.app.drill.grading import Grade, failures, grade
from allpoints.app.drill.watching import Gotten
from allpoints.app.faults import FAULTS, Limits
from allpoints.app.faults.breaking import Followed

WELL = Gotten(new_part=0.4, hole=0, stall=0.0, changed=[], went_back=False)
BACK = Followed(caused_at=0.0, back=3.0, was_on_slate=False)
LIMITS = Limits(hole=2, stall=2.0, new_part=3.5, back=20.0)


def graded(gotten: Gotten = WELL, followed: Followed = BACK, limits: Limits = LIMITS) -> Grade:
    return grade(failures(limits, followed, gotten), followed, gotten)


def test_what_nobody_notices_is_ok() -> None:
    assert graded() is Grade.OK
    assert graded(replace(WELL, stall=0.2), limits=Limits()) is Grade.OK


@pytest.mark.parametrize("gotten", [replace(WELL, hole=2), replace(WELL, stall=1.9)])
def test_what_is_noticed_within_limits_is_degraded(gotten: Gotten) -> None:
    assert graded(gotten) is Grade.DEGRADED


def test_slate_is_noticed() -> None:
    assert graded(followed=replace(BACK, was_on_slate=True)) is Grade.DEGRADED


@pytest.mark.parametrize("gotten", [
    replace(WELL, hole=3), replace(WELL, stall=2.1), replace(WELL, new_part=3.6), replace(WELL, went_back=True),
    replace(WELL, changed=["v480/7.m4s"]),
])
def test_what_passes_a_limit_fails_with_its_reason(gotten: Gotten) -> None:
    assert graded(gotten) is Grade.FAIL
    assert len(failures(LIMITS, BACK, gotten)) == 1


@pytest.mark.parametrize("back", [None, 20.5])
def test_what_is_not_as_before_fails(back: float | None) -> None:
    assert graded(followed=replace(BACK, back=back)) is Grade.FAIL


def test_faults_are_chosen_by_their_codes() -> None:
    assert chosen([]) == list(FAULTS)
    assert [fault.code for fault in chosen(["kill-web,fill-disk", "kill-stage"])] == [
        "kill-stage", "kill-web", "fill-disk"]
    with pytest.raises(NoSuchFault, match="kill-stage"):
        chosen(["kill-everything"])
