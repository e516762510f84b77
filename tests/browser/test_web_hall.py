"""The hall screen on projectors of any size: within its place, legible, in one's hand, and at rest on demand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from tests.browser.conftest import Live, wait_for_state
from tests.stand_ins.gatherings import a_free_port
from tests.stand_ins.seen_pages import complaints

SIZES = [(1024, 768), (1920, 1080), (3840, 2160)]
LONG = "On the difficulty of keeping a lamp burning through three winters without relief, and what the harbour knew"
LENGTHEN = """long => {
  for (const title of document.querySelectorAll(".hall-now h2, .hall-next h2, [data-region=session] h2, .today span"))
    if (title.parentElement.className !== "when") title.textContent = long;
  document.querySelector(".join-link").innerHTML = "assembly.keepers-of-the-outer-rocks.example:8700<wbr>/watch";
}"""
PROBLEMS = """() => {
  window.dispatchEvent(new Event("resize"));
  const found = [];
  const name = element => element.className || element.tagName + " in " + element.parentElement.className;
  const { scrollWidth, scrollHeight } = document.documentElement;
  if (scrollWidth > innerWidth || scrollHeight > innerHeight) found.push(`page: ${scrollWidth}×${scrollHeight}`);
  for (const place of document.querySelectorAll("[data-fit]"))
    if (place.scrollHeight > place.clientHeight || place.scrollWidth > place.clientWidth)
      found.push(`${name(place)} is cut off`);
  for (const element of document.querySelectorAll(".hall-grid *")) {
    if (!element.checkVisibility() || element.closest(".visually-hidden, svg, .beam, select")) continue;
    const box = element.getBoundingClientRect();
    if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
      found.push(`${name(element)} sticks out`);
    const isText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (isText && parseFloat(getComputedStyle(element).fontSize) < 0.022 * innerHeight - 0.1)
      found.push(`${name(element)} is too small`);
  }
  const qr = document.querySelector(".qr").getBoundingClientRect();
  if (document.querySelector(".join").checkVisibility() && (qr.width < 192 || qr.height !== qr.width))
    found.push(`QR code: ${qr.width}×${qr.height}`);
  return found;
}"""
SHOWN = "() => [...document.querySelectorAll('[data-slide]')].findIndex(slide => slide.checkVisibility())"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The pages without a stream: then nothing moves but the page itself."""
    site = Live(tmp_path_factory.mktemp("hall"), a_free_port(), {"ALLPOINTS_LADDER": "small"})
    try:
        site.start("site")
        yield site
    finally:
        site.stop()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_nothing_sticks_out_or_is_too_small_on_any_projector(page: Page, site: Live, language: str) -> None:
    page.clock.install()
    page.goto(site.address + f"/hall?lang={language}")
    for titles in ("as planned", "long"):
        if titles == "long":
            page.evaluate(LENGTHEN, LONG)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for slide in range(3):
                assert page.evaluate(SHOWN) == slide
                assert page.evaluate(PROBLEMS) == [], f"{titles}, {width}×{height}, slide {slide}"
                page.clock.fast_forward(20_000)


def test_a_thing_that_sticks_out_would_be_seen(page: Page, site: Live) -> None:
    page.goto(site.address + "/hall")
    page.evaluate("document.querySelector('.hall-clocks dd').textContent = '0'.repeat(60)")
    assert page.evaluate(PROBLEMS)


def test_it_plays_large_and_the_keys_are_those_of_the_watch_page(page: Page, live: Live) -> None:
    page.goto(live.address + "/hall")
    wait_for_state(page, "playing")
    assert page.evaluate("document.querySelector('video').getBoundingClientRect().width") > 0.65 * 1280
    muted = page.evaluate("document.querySelector('video').muted")
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('video').muted") is not muted
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === document.documentElement")
    page.get_by_role("button", name="Leave full screen F").click()
    page.wait_for_function("() => document.fullscreenElement === null")
    assert page.evaluate("document.getElementById('player').dataset.state") == "playing"


def test_slides_take_turns_until_they_are_stopped(page: Page, site: Live) -> None:
    page.clock.install()
    page.goto(site.address + "/hall")
    turns = [page.evaluate(SHOWN)]
    for _ in range(3):
        page.clock.fast_forward(20_000)
        turns.append(page.evaluate(SHOWN))
    assert turns == [0, 1, 2, 0]
    page.keyboard.press("p")
    page.clock.fast_forward(60_000)
    assert page.evaluate(SHOWN) == 0
    page.get_by_role("button", name="Let the slides go on P").click()
    page.clock.fast_forward(20_000)
    assert page.evaluate(SHOWN) == 1
    page.get_by_role("button", name="Stop the slides P").click()
    page.clock.fast_forward(60_000)
    assert page.evaluate(SHOWN) == 1


def test_for_whoever_wants_less_motion_all_that_matters_is_there_at_once(page: Page, site: Live) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.clock.install()
    page.goto(site.address + "/hall")
    for part in (".hall-now h2", ".hall-next h2", ".hall-next time", "[data-clock=zone]", ".qr", ".join-link"):
        assert page.locator(part).is_visible()
    page.clock.fast_forward(60_000)
    page.keyboard.press("p")
    assert page.evaluate(SHOWN) == 0
    assert not page.locator("[data-tool=slides]").is_visible()


def test_at_rest_neither_the_mouse_nor_the_buttons_are_seen_and_the_screen_stays_on(page: Page, site: Live) -> None:
    page.add_init_script("""window.kept = [];
        navigator.wakeLock.request = what => { window.kept.push(what); return Promise.resolve({}); };""")
    page.clock.install()
    page.goto(site.address + "/hall")
    opacity = "getComputedStyle(document.querySelector('.hall-tools')).opacity"
    assert page.evaluate(opacity) == "1"
    page.clock.fast_forward(3100)
    page.wait_for_function(f"() => {opacity} === '0'")
    assert page.evaluate("getComputedStyle(document.body).cursor") == "none"
    page.mouse.move(300, 300)
    page.wait_for_function(f"() => {opacity} === '1'")
    page.clock.fast_forward(3100)
    page.wait_for_function(f"() => {opacity} === '0'")
    page.keyboard.press("Tab")
    page.wait_for_function(f"() => {opacity} === '1'")
    assert page.evaluate("window.kept") == ["screen"]


def test_when_something_begins_it_says_so_and_the_clock_is_the_servers(page: Page, site: Live) -> None:
    told = ["09:40:50", "09:41:00"]

    def tell(route: Route) -> None:
        answer = route.fetch()
        times = f'data-at="2027-05-02T{told.pop(0)}+00:00" data-changes-at="2027-05-02T09:41:00+00:00"'
        text = re.sub(r'data-at="[^"]+" data-changes-at="[^"]+"', times, answer.text())
        route.fulfill(response=answer, body=text if told else text.replace("The night the fog came", "Sunrise"))

    page.clock.install()
    page.route("**/hall", tell)
    page.goto(site.address + "/hall")
    assert page.locator("[data-clock=zone]").inner_text() == "09:40"
    page.clock.fast_forward(14_000)
    page.get_by_role("heading", name="Sunrise").first.wait_for()
    assert page.locator("[data-clock=zone]").inner_text() == "09:41"
    assert page.locator("[data-clock=own]").inner_text() == "13:11"
    assert page.evaluate(SHOWN) == 0


def test_off_air_it_says_so_in_large_and_goes_on_by_itself(page: Page, live: Live) -> None:
    page.route("**/live/**", lambda route: route.abort())
    page.goto(live.address + "/hall")
    headline = page.get_by_role("heading", name="We are off air at the moment")
    headline.wait_for()
    size: Any = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.off-air h2')).fontSize)")
    assert size > 0.06 * 800
    page.unroute("**/live/**")
    wait_for_state(page, "playing", 30)
    headline.wait_for(state="hidden")


@pytest.mark.parametrize(("path", "scheme"), [("/hall", "light"), ("/hall?lang=fa", "dark")])
def test_on_a_projector_it_is_open_to_everybody(chromium: Browser, site: Live, path: str, scheme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce",
                                   viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.goto(site.address + path)
    assert not complaints(page)
    if path == "/hall":
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(8, 16, 32)"
    context.close()


def test_without_scripts_everything_is_there_but_the_picture(chromium: Browser, site: Live) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1024, "height": 768})
    page = context.new_page()
    page.goto(site.address + "/hall")
    for words in ("The night the fog came", "Keeping watch together", "Watch on your own phone"):
        assert page.get_by_role("heading", name=words).first.is_visible()
    box = page.locator(".qr").bounding_box()
    assert box is not None
    assert box["width"] >= 192
    assert box["y"] + box["height"] < 768
    assert page.get_by_role("link", name="Picture and sound").get_attribute("href") == "/plain"
    assert not page.locator("button:visible, #player:visible").count()
    context.close()
