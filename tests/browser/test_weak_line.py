"""Weak lines in a real browser: sound without hls.js, in long segments, for few bytes, through faults."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Live, figure, wait_for, wait_for_state
from tests.stand_ins.counting import counting
from tests.stand_ins.gatherings import a_free_port

CLOCK = "() => document.querySelector('video').currentTime"
HEARD = "() => document.querySelector('video').webkitAudioDecodedByteCount"
NOMINAL = 2_000
"""Bytes of ``opus16`` in a second."""


@pytest.fixture(scope="module")
def slate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A site whose stream takes no processor."""
    live = Live(tmp_path_factory.mktemp("slate"), a_free_port(), {"ALLPOINTS_LADDER": "small"})
    try:
        live.start("site")
        live.start("slate")
        yield live
    finally:
        live.stop()


@pytest.fixture
def lasting(slate: Live) -> Live:
    """The same, with as many long segments as a player begins with."""
    for name in ("site", "slate"):
        if name not in slate.processes:
            slate.start(name)
    wait_for(slate.is_lasting, 60)
    return slate


@pytest.fixture
def asked(page: Page) -> list[str]:
    """What the page asks for, as it does."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("/", 3)[3]))
    return asked


def listen(page: Page, live: Live, path: str) -> None:
    page.goto(live.address + path)
    wait_for_state(page, "playing", 30)


def assert_goes_on(page: Page, seconds: float) -> None:
    """Also on a machine that is too busy for the clock of sound."""
    before, heard, began = page.evaluate(CLOCK), page.evaluate(HEARD), time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    passed = time.monotonic() - began
    assert passed / 2 < page.evaluate(CLOCK) - before < passed + 0.5
    assert page.evaluate(HEARD) > heard


def test_audio_only_is_an_address_and_needs_no_hls_js(page: Page, lasting: Live, asked: list[str]) -> None:
    listen(page, lasting, "/watch?view=audio")
    assert (figure(page, "engine"), figure(page, "choice")) == ("micro", "audio")
    assert page.get_by_role("link", name="Audio only").get_attribute("aria-current") == "true"
    page.locator(".audio-face").wait_for()
    page.locator(".live-badge.is-live").wait_for()
    assert_goes_on(page, 8)
    assert figure(page, "stalls") == "0"
    assert 3 < float(figure(page, "latency")) < 14
    page.get_by_label("Picture and sound").select_option("audio-least")
    page.wait_for_function("() => document.getElementById('player').dataset.choice === 'audio-least'")
    wait_for_state(page, "playing", 30)
    assert_goes_on(page, 4)
    assert [name for name in asked if "opus16/g" in name]
    assert not [name for name in asked if "mse-" in name]


def test_links_beside_the_player_choose_without_loading_another_page(page: Page, lasting: Live) -> None:
    listen(page, lasting, "/watch")
    page.evaluate("window.isTheSamePage = true")
    assert figure(page, "engine") == "mse"
    page.get_by_role("link", name="Audio only").click()
    page.wait_for_function("() => document.getElementById('player').dataset.engine === 'micro'")
    wait_for_state(page, "playing")
    assert page.url.endswith("/watch?view=audio")
    page.get_by_role("link", name="Picture", exact=True).click()
    page.wait_for_function("() => document.getElementById('player').dataset.engine === 'mse'")
    wait_for_state(page, "playing")
    page.wait_for_function("() => document.querySelector('video').videoHeight > 0")
    assert page.get_by_role("link", name="Picture", exact=True).get_attribute("aria-current") == "true"
    assert page.evaluate("window.isTheSamePage")


def test_the_small_picture_comes_with_its_sound(page: Page, lasting: Live) -> None:
    listen(page, lasting, "/watch?view=audio")
    page.get_by_label("Picture and sound").select_option("small")
    page.wait_for_function("() => document.querySelector('video').videoHeight === 144", timeout=30_000)
    wait_for_state(page, "playing")
    assert_goes_on(page, 12)
    assert figure(page, "engine") == "micro"
    apart = page.evaluate("""() => new Promise(resolve => document.querySelector('video').requestVideoFrameCallback(
        (now, frame) => resolve(frame.mediaTime - document.querySelector('video').currentTime)))""")
    assert abs(apart) < 0.5


def assert_is_low(page: Page) -> None:
    told = [figure(page, name) for name in ("onWeakLine", "choice", "engine")]
    assert told == ["yes", "audio-least", "micro"]
    assert page.get_by_text("Weak line: sound only").is_visible()


def test_an_address_makes_the_line_weak_and_links_carry_it_on(page: Page, lasting: Live, asked: list[str]) -> None:
    listen(page, lasting, "/watch?link=low")
    assert_is_low(page)
    assert_goes_on(page, 5)
    assert not [name for name in asked if "mse-" in name or "index.m3u8" in name]
    first = next(index for index, name in enumerate(asked) if name.endswith(".m4s"))
    assert sum("long.m3u8" in name for name in asked[:first]) == 1, "the page has asked for the list already"
    assert page.get_by_role("link", name="Schedule", exact=True).get_attribute("href") == "/schedule?link=low"
    page.evaluate("window.isTheSamePage = true")
    page.get_by_role("link", name="Try the picture").click()
    page.wait_for_function("() => document.getElementById('player').dataset.engine === 'mse'")
    wait_for_state(page, "playing", 30)
    assert not page.get_by_text("Weak line: sound only").is_visible()
    assert page.evaluate("window.isTheSamePage")
    assert page.url.endswith("/watch?link=full")


def test_a_browser_that_saves_data_is_spared_unless_its_owner_wants_the_picture(
    chromium: Browser, lasting: Live
) -> None:
    context = chromium.new_context(extra_http_headers={"Save-Data": "on"}, locale="en")
    page = context.new_page()
    listen(page, lasting, "/watch")
    assert_is_low(page)
    listen(page, lasting, "/watch?link=full")
    assert figure(page, "engine") == "mse"
    context.close()


def test_a_line_that_is_measured_to_be_slow_is_weak(page: Page, lasting: Live, asked: list[str]) -> None:
    page.goto(lasting.address + "/schedule")  # the connection stands; what follows is one round trip
    throttled = page.context.new_cdp_session(page)
    throttled.send("Network.enable")
    throttled.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 800, "downloadThroughput": 64_000 / 8, "uploadThroughput": 64_000 / 8})
    page.goto(lasting.address + "/watch")
    wait_for_state(page, "playing", 60)
    assert_is_low(page)
    assert not [name for name in asked if "mse-" in name]


def test_keys_work_on_sound_alone(page: Page, lasting: Live) -> None:
    listen(page, lasting, "/watch?link=low")
    page.keyboard.press("k")
    wait_for_state(page, "paused")
    page.keyboard.press("k")
    wait_for_state(page, "playing")
    page.wait_for_function("() => document.querySelector('video').currentTime >"
                           " document.querySelector('video').seekable.start(0) + 12")
    before = page.evaluate(CLOCK)
    page.keyboard.press("ArrowLeft")
    assert before - 11 < page.evaluate(CLOCK) < before - 8
    wait_for_state(page, "playing")
    page.keyboard.press("j")
    assert page.evaluate(CLOCK) > before - 4
    wait_for_state(page, "playing")
    assert_goes_on(page, 3)


def test_dead_stages_and_servers_need_no_reload(page: Page, lasting: Live) -> None:
    listen(page, lasting, "/watch?link=low")
    page.evaluate("window.isTheSamePage = true")
    page.wait_for_timeout(2000)
    lasting.kill("site")
    assert_goes_on(page, 6)
    lasting.start("site")
    lasting.kill("slate")
    lasting.start("slate")
    reached = page.evaluate(CLOCK)
    page.wait_for_function(f"() => document.querySelector('video').currentTime > {reached} + 60", timeout=120_000)
    wait_for_state(page, "playing")
    assert (figure(page, "stalls"), figure(page, "restarts")) in (("0", "0"), ("1", "0"))
    assert page.evaluate("window.isTheSamePage")


def buffered_until(page: Page) -> float:
    until: float = page.evaluate(
        "() => { const { buffered } = document.querySelector('video'); return buffered.end(buffered.length - 1); }"
    )
    return until


@pytest.mark.soak  # a minute, which bench/links.py shows too, inside TLS
def test_sound_on_a_weak_line_costs_little_more_than_its_name_says(page: Page, lasting: Live) -> None:
    with counting(lasting.port) as counted:
        page.goto(f"http://127.0.0.1:{counted.port}/watch?link=low")
        wait_for_state(page, "playing", 30)
        counted.wait_until_quiet(4)
        up, down, reached = counted.up, counted.down, buffered_until(page)
        page.wait_for_timeout(60_000)
        counted.wait_until_quiet(4)
        seconds = buffered_until(page) - reached
    assert 40 < seconds < 100
    asking, answers = (count / seconds / NOMINAL for count in (counted.up - up, counted.down - down))
    print(f"{seconds:.0f} s of sound: {asking + answers:.3f} of the nominal rate, {asking:.3f} of it asking")
    assert asking + answers <= 1.15
    assert figure(page, "stalls") == "0"
