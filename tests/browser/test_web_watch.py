"""Watching in a real browser: it plays, it can be heard, and whatever breaks, it comes back without a reload."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Live, figure, wait_for, wait_for_state

CLOCK = "() => document.querySelector('video').currentTime"


def watch(page: Page, live: Live, path: str = "/watch") -> None:
    page.goto(live.address + path)
    wait_for_state(page, "playing")


def test_it_plays_without_a_stall_and_asks_for_a_tap(page: Page, live: Live) -> None:
    watch(page, live)
    tap = page.get_by_role("button", name="Tap for sound")
    tap.wait_for()
    assert page.evaluate("document.querySelector('video').muted")
    tap.click()
    tap.wait_for(state="hidden")
    assert not page.evaluate("document.querySelector('video').muted")
    before, started = page.evaluate(CLOCK), time.monotonic()
    page.wait_for_timeout(8000)
    assert page.evaluate(CLOCK) - before == pytest.approx(time.monotonic() - started, abs=0.5)
    assert figure(page, "stalls") == "0"
    assert 4 < float(figure(page, "latency")) < 10
    assert float(figure(page, "bytes")) > 100_000
    assert page.locator("[data-part=used]").inner_text().endswith("MB")
    assert page.locator(".live-badge.is-live").count() == 1


def test_each_level_and_sound_alone_can_be_chosen(page: Page, live: Live) -> None:
    watch(page, live)
    quality = page.get_by_label("Picture and sound")
    assert quality.locator("option").all_inner_texts()[1:] == [
        "480p", "240p", "144p", "Small picture, little data", "Audio only", "Audio only, least data"]
    for height in ("144", "480"):
        quality.select_option(height)
        page.wait_for_function("height => document.getElementById('player').dataset.level === height", arg=height)
        page.wait_for_function(f"() => document.querySelector('video').videoHeight === {height}", timeout=15_000)
    for choice in ("audio", "audio-least"):
        quality.select_option(choice)
        page.wait_for_function("choice => document.getElementById('player').dataset.choice === choice", arg=choice)
        page.locator(".audio-face").wait_for()
        page.wait_for_function(f"{CLOCK} > 0 && document.getElementById('player').dataset.state === 'playing'")
        before = page.evaluate(CLOCK)
        page.wait_for_function(f"{CLOCK} > {before} + 1.5")


def test_keys_do_what_the_page_says_and_nothing_while_typing(page: Page, live: Live) -> None:
    watch(page, live)
    page.keyboard.press("k")
    wait_for_state(page, "paused")
    page.keyboard.press(" ")
    wait_for_state(page, "playing")
    muted = page.evaluate("document.querySelector('video').muted")
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('video').muted") is not muted
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.querySelector('video').volume") == pytest.approx(0.9)
    room_to_go_back = f"({CLOCK})() > document.querySelector('video').seekable.start(0) + 12"
    page.wait_for_function(f"() => {room_to_go_back}")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelector('.live-badge').textContent.includes('behind')")
    page.keyboard.press("j")
    page.locator(".live-badge.is-live").wait_for()
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement?.id === 'player'")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    page.evaluate("document.body.append(document.createElement('textarea'))")
    page.locator("textarea").press("k")
    page.wait_for_timeout(600)
    assert figure(page, "state") == "playing"


def test_off_air_is_a_picture_that_goes_by_itself(page: Page, live: Live) -> None:
    watch(page, live)
    page.evaluate("window.isTheSamePage = true")
    live.kill("broadcast")
    off_air = page.locator(".off-air")
    off_air.wait_for(timeout=30_000)
    text = off_air.inner_text()
    assert "The picture has stopped for a moment" in text
    assert "Keeping watch together" in text
    assert "Your time" in text
    live.start("broadcast")
    wait_for_state(page, "playing", 40)
    off_air.wait_for(state="hidden")
    assert page.evaluate("window.isTheSamePage")


def test_a_server_that_dies_and_comes_back_needs_no_reload(page: Page, live: Live) -> None:
    watch(page, live)
    page.evaluate("window.isTheSamePage = true")
    live.kill("site")
    page.wait_for_function("() => document.getElementById('player').dataset.state !== 'playing'", timeout=40_000)
    live.start("site")
    wait_for_state(page, "playing", 40)
    assert page.evaluate("window.isTheSamePage")


def test_a_page_opened_before_the_stream_plays_when_it_comes(page: Page, live: Live) -> None:
    live.kill("broadcast")
    for playlist in live.folders.public.rglob("*.m3u8"):
        playlist.unlink()
    page.goto(live.address + "/watch")
    wait_for_state(page, "off-air")
    assert "We are off air at the moment" in page.locator(".off-air").inner_text()
    live.start("broadcast")
    wait_for_state(page, "playing", 40)


def test_nothing_is_asked_of_any_other_place(page: Page, live: Live) -> None:
    asked: set[str] = set()
    refused: list[str] = []
    page.on("request", lambda request: asked.add(request.url.split("/")[2] if "//" in request.url else ""))
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    for path in ("/", "/schedule", "/watch?lang=fa", "/control/sign-in"):
        page.goto(live.address + path)
        page.wait_for_timeout(700)
    assert asked - {""} == {f"127.0.0.1:{live.port}"}
    assert not refused


def test_times_are_the_viewers_with_the_gatherings_beside_them(page: Page, live: Live) -> None:
    page.goto(live.address + "/schedule")
    first = page.locator(".session .when").first
    iso = first.locator("time").get_attribute("datetime")
    expected = page.evaluate(
        "iso => new Date(iso).toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'})", iso
    )
    assert expected in first.inner_text()
    assert "Reykjavik" in first.inner_text()
    assert "Asia/Tehran" in page.locator("[data-zone-note]").inner_text()


def test_persian_pages_run_from_the_right_but_controls_do_not(page: Page, live: Live) -> None:
    watch(page, live, "/watch?lang=fa")
    assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).direction") == "ltr"
    assert re.fullmatch("زنده|[۰-۹]+ ثانیه عقب", page.locator(".live-badge").inner_text())  # live, or how far behind
    assert "خودکار" in page.locator(".bar select").inner_text()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (320, 640)])
@pytest.mark.parametrize("path", ["/watch", "/watch?lang=fa", "/plain", "/plain?show=audio&lang=fa"])
def test_no_player_is_wider_than_the_screen(page: Page, live: Live, size: tuple[int, int], path: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(live.address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for button in page.locator(".bar button:visible, .bar select:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]


def test_reading_works_without_scripts(chromium: Browser, live: Live) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live.address + "/watch")
    page.wait_for_url("**/plain?show=video&ticket=*")
    assert page.locator("video source").first.get_attribute("type") == "video/mp4"
    page.get_by_role("link", name="Schedule", exact=True).click()
    assert page.get_by_text("The night the fog came").first.is_visible()
    context.close()


def test_low_latency_that_is_switched_off_falls_back(page: Page, quick: Live) -> None:
    watch(page, quick)
    assert page.locator("#player").get_attribute("data-low-latency") == "yes"
    quick.kill("broadcast")
    quick.settings["ALLPOINTS_LOW_LATENCY"] = "off"
    for playlist in quick.folders.public.rglob("*ll.m3u8"):
        playlist.unlink()
    quick.start("broadcast")
    wait_for_state(page, "playing", 40)
    wait_for(lambda: float(figure(page, "latency") or 0) > 3, 20)
