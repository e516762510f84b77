"""What happens beside a broken stream: scripts that do not come, browsers that refuse, choices made early."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route
from tests.browser.conftest import Live, figure, wait_for_state

REFUSES = """
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (navigator.userActivation.hasBeenActive) return play.call(this);
  return Promise.reject(new DOMException("", "NotAllowedError"));
};
"""
"""As phones do that save power: not even a silent picture begins without a touch."""

SOON = """
const later = window.setTimeout;
window.setTimeout = (act, ms, ...more) => later(act, ms > 30000 ? 300 : ms, ...more);
"""
"""What is asked once a minute is asked at once."""

FETCHED = "pattern => performance.getEntriesByType('resource').some(each => each.name.search(pattern) > 0)"
NOW = "told => document.querySelector('[data-part=now-title]').textContent === told"


@pytest.mark.parametrize(("path", "script"), [
    ("/watch", "mse-*"), ("/watch?view=audio", "micro-*"), ("/watch", "furnishing-*"),
])
def test_a_script_that_does_not_come_at_first_comes_later(page: Page, live: Live, path: str, script: str) -> None:
    refused: list[str] = []

    def refuse_at_first(route: Route) -> None:
        refused.append(route.request.url)
        if len(refused) < 3:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**/static/dist/{script}", refuse_at_first)
    page.goto(live.address + path)
    wait_for_state(page, "playing", 40)
    if script == "furnishing-*":
        page.wait_for_function(FETCHED, arg="furnishing.*[?]2")
        page.wait_for_timeout(300)
        page.keyboard.press("k")
        wait_for_state(page, "paused")
    assert len(refused) >= 3


def test_scripts_of_an_older_version_are_gone_and_the_page_loads_the_newer(page: Page, live: Live) -> None:
    """An engine that is not there any more was another's; the next page names its own."""
    is_old = True
    page.route("**/static/dist/mse-*", lambda route: route.fulfill(status=404) if is_old else route.continue_())
    page.goto(live.address + "/watch")
    page.evaluate("window.isTheSamePage = true")
    page.wait_for_function("() => !window.isTheSamePage", timeout=40_000)
    is_old = False
    wait_for_state(page, "playing", 40)


def test_a_browser_that_refuses_to_begin_shows_the_way_and_no_off_air_picture(page: Page, live: Live) -> None:
    page.add_init_script(REFUSES)
    page.goto(live.address + "/watch")
    wait_for_state(page, "paused")
    page.wait_for_timeout(11_000)
    assert figure(page, "state") == "paused"
    assert page.locator(".off-air").is_hidden()
    page.get_by_role("button", name="Tap for sound").click()
    wait_for_state(page, "playing")
    assert not page.evaluate("document.querySelector('video').muted")


def test_who_pauses_is_left_in_silence_whatever_breaks(page: Page, live: Live) -> None:
    page.goto(live.address + "/watch?view=audio")
    wait_for_state(page, "playing")
    page.evaluate("document.querySelector('video').pause()")
    wait_for_state(page, "paused")
    page.evaluate("document.querySelector('video').dispatchEvent(new Event('error'))")
    page.wait_for_timeout(6000)
    assert page.evaluate("document.querySelector('video').paused")
    page.keyboard.press("k")
    wait_for_state(page, "playing")


def test_the_choice_that_is_shown_is_the_one_that_plays(page: Page, live: Live) -> None:
    """Chosen before the first engine was there, and seen in the list."""
    held: list[Route] = []
    page.route("**/static/dist/mse-*", lambda route: held.append(route))
    page.goto(live.address + "/watch")
    page.wait_for_function("() => document.getElementById('player').dataset.state === 'starting'")
    quality = page.get_by_label("Picture and sound")
    quality.select_option("audio")
    wait_for_state(page, "playing")
    for route in held:
        route.continue_()
    page.wait_for_timeout(1500)
    assert figure(page, "engine") == "micro"
    assert quality.input_value() == figure(page, "choice") == "audio"


def test_keys_are_where_the_latin_letters_are(page: Page, live: Live) -> None:
    page.goto(live.address + "/watch?lang=fa")
    wait_for_state(page, "playing")
    page.wait_for_function(FETCHED, arg="furnishing")
    page.wait_for_timeout(300)
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ن', code: 'KeyK', bubbles: true}))"
    )
    wait_for_state(page, "paused")


def test_what_is_on_now_is_told_with_those_who_speak(page: Page, live: Live) -> None:
    page.add_init_script(SOON)
    told: dict[str, Any] = {
        "now": {"guid": "x", "title": "Another hour", "starts_at": "2027-05-02T11:40:00Z",
                "ends_at": "2027-05-02T12:20:00Z",
                "persons": [{"name": "Ann", "about": "Keeper"}, {"name": "Bo", "about": ""}]},
        "next": {"guid": "y", "title": "Later still", "starts_at": "2027-05-02T12:20:00Z",
                 "ends_at": "2027-05-02T13:20:00Z", "persons": []},
        "low_latency": False,
    }
    page.route("**/api/now*", lambda route: route.fulfill(body=json.dumps(told), content_type="application/json"))
    page.goto(live.address + "/watch")
    page.wait_for_function(NOW, arg="Another hour")
    assert page.locator("#now-line .persons").inner_text() == "Ann Keeper · Bo"
    assert page.locator('[data-part="next-time"] small').text_content() == "12:20 Reykjavik"
    told["now"] = None
    page.wait_for_function(NOW, arg="Nothing is planned for this moment")
    assert page.locator("#now-line .persons").count() == 0
