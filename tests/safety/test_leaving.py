"""Leaving at once in a real browser, and that there is nothing in its stores while one watches."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.browser.conftest import ROOT, Live, wait_for, wait_for_state
from tests.safety.conftest import ask_for, watch_for
from tests.stand_ins.assembly import LOW_TRACE
from tests.stand_ins.browsers import chromium
from tests.stand_ins.seen_pages import complaints

KEEPS = """async () => {
    document.cookie = "canary=1; max-age=9999";
    localStorage.setItem("canary", "1");
    await new Promise((done) => { indexedDB.open("canary").onsuccess = done; });
    await (await caches.open("canary")).put("/canary", new Response("1"));
}"""
KEPT = """async () => [document.cookie, localStorage.length + sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length,
    (await navigator.serviceWorker.getRegistrations()).length]"""
NOTHING = ["", 0, 0, 0, 0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def low(live: Live) -> Live:
    """The site of a gathering that has asked for a low trace."""
    ask_for(live, LOW_TRACE)
    return live


def test_no_script_of_ours_keeps_anything() -> None:
    scripts = [*(ROOT / "frontend/src").rglob("*.ts"), *(ROOT / "src/allpoints/web/static/dist").glob("*.js")]
    ways = r"localStorage|sessionStorage|indexedDB|serviceWorker|\bcaches\b|document\.cookie|mediaSession|pushState"
    assert len(scripts) > 20
    assert not [(path.name, found) for path in scripts if (found := re.findall(ways, path.read_text()))]


@pytest.mark.parametrize("path", ["/", "/limits", "/leave"])
def test_everybody_can_leave(low: Live, browser: Browser, path: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(low.address + path)
    assert not complaints(page)
    if path == "/":
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Leave"
        page.keyboard.press("Enter")
        page.wait_for_url("**/leave")
    context.close()


def test_watching_keeps_nothing_in_any_of_a_browsers_stores(low: Live, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{low.address}/watch")
    watch_for(page, 3)
    page.locator(".languages summary").click()
    page.get_by_role("link", name="فارسی").click()
    page.wait_for_url("**/watch?lang=fa")
    assert page.evaluate(KEPT) == NOTHING
    assert context.cookies() == []
    page.evaluate(KEEPS)
    assert page.evaluate(KEPT) == ["canary=1", 1, 1, 1, 0]
    context.close()


@pytest.mark.parametrize("way", ["button", "keys", "without script"])
def test_leaving_empties_the_page_and_what_is_kept(low: Live, browser: Browser, way: str) -> None:
    """What is kept here is of an earlier visit, when the gathering had not asked for a low trace."""
    context = browser.new_context(java_script_enabled=way != "without script")
    context.add_cookies([{"name": "canary", "value": "1", "url": low.address}])
    page = context.new_page()
    page.goto(f"{low.address}/schedule")
    page.goto(f"{low.address}/watch")
    if way != "without script":
        wait_for_state(page, "playing", 60)
        page.evaluate(KEEPS)
    if way == "keys":
        page.keyboard.press("Escape")
        page.wait_for_timeout(1200)
        page.keyboard.press("Escape")  # once, and once more much later, is not twice
        page.wait_for_timeout(1200)
        assert page.url.endswith("/watch")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/leave")
    assert page.locator("body").inner_text() == "You may close this page."
    assert page.title() == "Tide tables"
    wait_for(lambda: context.cookies() == [], 5)
    if way != "without script":
        assert page.evaluate(KEPT) == NOTHING
        page.go_back()
        assert page.url.endswith("/schedule")
    context.close()


def test_leaving_ends_picture_and_sound_before_the_server_is_asked(low: Live, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{low.address}/watch")
    wait_for_state(page, "playing", 60)
    left = page.evaluate("""() => {
        const video = document.querySelector("video");
        document.querySelector(".leave button").click();
        return [document.body.children.length, video.paused, video.muted, document.title];
    }""")
    assert left == [0, True, True, "Tide tables"]
    page.wait_for_url("**/leave")  # Chromium does not close a page that is being left
    context.close()
