"""The grades: unnoticed, noticed within limits, failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from allpoints.app.drill.chromium import Shown
from allpoints.app.drill.drill import NoSuchFault, Report, chosen
from allpoints.app.drill.grading import Grade, Graded, failures, grade
from allpoints.app.drill.page import page_of
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


@pytest.mark.parametrize(("limits", "shown", "reason"), [
    (Limits(), Shown(still=1.2, early=0.0, held=4.0, goes_on=True), ""),
    (Limits(), Shown(still=1.2, early=0.4, held=4.0, goes_on=True), "while it had 4.0 s to play"),
    (Limits(), Shown(still=7.5, early=0.0, held=1.0, goes_on=True), "stood still for 7.5 s"),
    (LIMITS, Shown(still=1.9, early=1.9, held=4.0, goes_on=True), ""),
    (LIMITS, Shown(still=0.0, early=0.0, held=4.0, goes_on=False), "did not go on"),
])
def test_a_browser_may_stand_still_only_for_want_of_something_to_play(
    limits: Limits, shown: Shown, reason: str
) -> None:
    found = failures(limits, BACK, WELL, shown)
    assert len(found) == bool(reason)
    assert reason in "".join(found)


def test_the_page_tells_pass_and_fail_in_words_with_a_bar_for_each() -> None:
    rows = [
        Graded("kill-web", "Kill the <web>", Grade.OK, back=2.0),
        Graded("kill-stage", "Kill the stage", Grade.FAIL, ["a hole of 9 segments"], hole=9, stall=5.0),
        Graded("fill-disk", "Fill the disk", Grade.SKIPPED, ["no disk of its own"]),
    ]
    page = page_of(Report(datetime(2026, 5, 1, tzinfo=UTC), "0.1.0", "small", 61.0, "Chromium 1", rows))
    assert page.count("<rect") == 6
    for words in ("Kill the &lt;web&gt;", "Passed: viewers noticed nothing.", "Failed: a hole of 9 segments.",
                  "Not tried: no disk of its own", "never, still 5.0 s, hole 9", "Watched by Chromium 1",
                  "1 of 3 faults failed"):
        assert words in page
