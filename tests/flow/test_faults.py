"""Every fault of the table, really caused, while a real Chromium watches the real watch page: it resumes by itself.

The drill's own gathering, Chromium and grades, one fault after the other; the page is opened once and never reloaded.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.stand_ins.broken_house import BrokenHouse, broken_house
from tests.stand_ins.browsers import chromium

from allpoints.app.drill.grading import Grade
from allpoints.app.faults import FAULTS

pytestmark = [pytest.mark.alone, pytest.mark.timeout(150)]

TRIES = 2
"""A busy machine only adds to a time: what holds once, holds."""

NEVER = ("changed", "went back", "by itself", "to play")
"""What no machine excuses: other bytes under a name, numbers that go back, a page that had to be
reloaded, a stall while there was something to play."""

LEFT_OUT = ("garble-speaker", "freeze-speaker", "hang-ingest", "kill-simulcast", "hang-source", "clock-forward",
            "starve-stage", "kill-recorder")
"""For time: others like them are tried here, and `make prove` tries all."""


@pytest.fixture(scope="module")
def house() -> Iterator[BrokenHouse]:
    with broken_house() as started:
        yield started


TRIED = sorted((fault.code for fault in FAULTS if fault.code not in LEFT_OUT), key=lambda code: code != "kill-web")
"""The web first: the player then holds what an ordinary one does, and must not stand still at all."""


@pytest.mark.parametrize("code", TRIED)
def test_it_resumes_without_a_reload(code: str, house: BrokenHouse) -> None:
    assert house.about.watcher.startswith("Chromium")
    for _ in range(TRIES):
        graded = house.cause(code)
        print(code, graded.verdict(), f"new part {graded.new_part} s, hole {graded.hole}, back {graded.back} s,",
              f"stood still {graded.still} s, computed {graded.stall} s")
        if graded.grade is Grade.SKIPPED:
            pytest.skip(f"the kernel refuses: {graded.reasons}")
        if graded.grade is not Grade.FAIL or any(word in reason for reason in graded.reasons for word in NEVER):
            break
    assert graded.grade is not Grade.FAIL, "\n".join([*graded.reasons, *graded.story])
    assert graded.shown is not None
    assert graded.shown.goes_on


def test_twelve_faults_and_what_the_issue_asks_of_them() -> None:
    limits = {fault.code: fault.limits for fault in FAULTS if fault.code not in LEFT_OUT}
    assert len(limits) >= 12
    assert limits["kill-stage"].new_part == 3.5
    assert limits["kill-stage"].hole == 2
    assert limits["kill-web"].stall == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_the_panel_breaks_the_stage_and_says_what_followed(house: BrokenHouse, browser: Browser) -> None:
    page = browser.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"{house.about.url}/break")
    page.fill("input[name=name]", "Ada")
    page.fill("input[name=secret]", house.about.secret)
    page.keyboard.press("Enter")
    page.locator(".desk").wait_for()
    page.goto(f"{house.about.url}/break?lang=fa")
    assert page.get_by_role("button", name="بستن اجباری صحنه").is_enabled()
    page.goto(f"{house.about.url}/break")
    page.locator("#player[data-state=playing]").wait_for(timeout=40_000)
    page.get_by_role("button", name="Kill the stage").focus()
    page.keyboard.press("Enter")
    page.locator(".happening.is-running").wait_for()
    assert page.get_by_role("button", name="Kill the web").get_attribute("aria-disabled") == "true"
    page.locator(".happening[data-over=yes]").wait_for(timeout=60_000)
    told = page.locator(".happening").inner_text()
    assert "the stage was killed" in told
    assert "the stage was started again" in told
    assert "pictures go on: viewers missed" in told
    assert "all is as before" in told
    assert "the player on this page stood still for" in told
    page.locator("#player[data-state=playing]").wait_for(timeout=40_000)
    assert page.get_by_role("button", name="Fill the memory").is_enabled()
    page.close()
    assert not failures
