"""Directing in a real browser: by mouse, by key and without scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Live, wait_for


@pytest.fixture(autouse=True)
def _fresh(live: Live) -> Iterator[None]:
    (live.data / "asked.jsonl").unlink(missing_ok=True)
    yield
    (live.data / "silent").unlink(missing_ok=True)


def asked(live: Live) -> list[dict[str, object]]:
    path = live.data / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def sign_in(page: Page, live: Live) -> None:
    page.goto(live.address + "/control")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Secret").fill(live.secret)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Rundown").wait_for()


def on_air(page: Page) -> str:
    return page.locator("[data-region=program] .bus-title").inner_text()


def test_take_by_key_changes_what_is_on_air_and_only_there(page: Page, live: Live) -> None:
    sign_in(page, live)
    before, coming = on_air(page), page.locator("[data-region=next] .bus-title").inner_text()
    assert page.locator(".on-air-mark:visible").count() == 1
    page.locator(".take").focus()
    for key in ("Enter", " "):
        page.keyboard.press(key)
    page.locator("[name=title]").first.fill("F12 while typing does nothing")
    page.keyboard.press("F12")
    page.wait_for_timeout(500)
    assert asked(live) == []
    page.locator("h2").first.click()
    page.keyboard.press("F12")
    wait_for(lambda: on_air(page) == coming, 5)
    (take,) = asked(live)
    assert take["verb"] == "take"
    assert take["by"] == "Ada"
    assert take["transition"] == "cut"
    assert str(take["airing"]).startswith("airing-")
    assert take["key"]
    assert on_air(page) != before


def test_cue_restart_arm_and_lower_third_by_mouse(page: Page, live: Live) -> None:
    sign_in(page, live)
    page.get_by_role("button", name="Cue Songs of the coast").click()
    page.get_by_role("button", name="Restart Harbour, live").click()
    page.locator("[data-arm]").click()
    page.get_by_label("Name", exact=True).fill("Svein Nordlys")
    page.get_by_label("Line below").fill("Keeper of Ytre Skjær")
    page.get_by_role("button", name="Show").click()
    wait_for(lambda: len(asked(live)) == 4, 5)
    assert asked(live) == [
        {"verb": "cue", "item": "item-3", "source": None, "by": "Ada"},
        {"verb": "restart", "source": "harbour-live", "by": "Ada"},
        {"verb": "arm", "armed": False, "by": "Ada"},
        {"verb": "lower_third", "title": "Svein Nordlys", "subtitle": "Keeper of Ytre Skjær", "by": "Ada"},
    ]


@pytest.mark.parametrize(("verb", "key"), [("panic", "F9"), ("dump", "F8")])
def test_what_cannot_be_undone_is_held_for_a_second(page: Page, live: Live, verb: str, key: str) -> None:
    sign_in(page, live)
    button = page.locator(f"[data-hold={verb}]")
    button.click(delay=500)
    page.wait_for_timeout(900)
    assert asked(live) == []
    button.click(delay=1200)
    wait_for(lambda: len(asked(live)) == 1, 5)
    page.keyboard.down(key)
    page.wait_for_timeout(1200)
    page.keyboard.up(key)
    wait_for(lambda: len(asked(live)) == 2, 5)
    assert {each["verb"] for each in asked(live)} == {verb}


def test_a_silent_stage_greys_everything_but_panic_and_dump(page: Page, live: Live) -> None:
    sign_in(page, live)
    page.locator("#badge[data-link=live]").wait_for()
    (live.data / "silent").touch()
    page.locator("#badge[data-link=stale]").wait_for(timeout=10_000)
    assert "the stage does not answer" in page.locator("#badge").inner_text()
    assert page.locator(".take-keys").evaluate("element => element.inert")
    page.keyboard.press("F12")
    page.locator("[data-hold=dump]").click(delay=1200)
    wait_for(lambda: [each["verb"] for each in asked(live)] == ["dump"], 5)
    (live.data / "silent").unlink()
    page.locator("#badge[data-link=live]").wait_for(timeout=10_000)
    assert not page.locator(".take-keys").evaluate("element => element.inert")


def test_pictures_come_several_times_a_second_and_the_audiences_player_plays(page: Page, live: Live) -> None:
    sign_in(page, live)
    page.locator("#player[data-state=playing]").wait_for(timeout=20_000)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url) if "/pictures/program" in request.url else None)
    page.wait_for_timeout(4000)
    assert len(asked_for) >= 8
    assert page.locator("[data-part=seen-after]").inner_text().endswith(" s")
    # Orders do not wait behind media and pictures for one of the browser's six connections.
    taken = page.evaluate("""async () => {
      const start = performance.now();
      await fetch('/api/control/report');
      return performance.now() - start;
    }""")
    assert taken < 500


def test_a_button_survives_the_changes_around_it(page: Page, live: Live) -> None:
    sign_in(page, live)
    page.get_by_role("button", name="Cue Songs of the coast").focus()
    page.evaluate("document.activeElement.dataset.mark = 'mine'")
    page.wait_for_timeout(1500)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Cue Songs of the coast"


def test_directing_works_without_scripts(chromium: Browser, live: Live) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live)
    page.get_by_role("button", name="Cue Songs of the coast").click()
    page.locator(".take").click()
    page.locator("form.unheld button.panic").click()  # refused by the browser: the box is not ticked
    page.locator("form.unheld").nth(1).get_by_label("I mean it").check()
    page.locator("form.unheld button.panic").click()
    wait_for(lambda: [each["verb"] for each in asked(live)] == ["cue", "take", "panic"], 5)
    context.close()
