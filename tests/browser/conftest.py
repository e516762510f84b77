"""A real browser, the real server, a real stream: each made once for all tests that only look."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.stand_ins.live_site import ROOT, Live, live_site, wait_for

__all__ = ["ROOT", "Live", "figure", "wait_for", "wait_for_state"]

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio",
]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_site(tmp_path_factory.mktemp("classic")) as live:
        yield live


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_site(tmp_path_factory.mktemp("quick"), ALLPOINTS_LOW_LATENCY="on") as live:
        yield live


@pytest.fixture(scope="module")
def off_air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_site(tmp_path_factory.mktemp("off-air"), is_on_air=False) as live:
        yield live


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Only one may watch without JavaScript at once."""
    with live_site(tmp_path_factory.mktemp("lone"), ALLPOINTS_PLAIN_PLACES="1") as live:
        yield live


@pytest.fixture(scope="module")  # while it is open, no other event loop runs in this thread
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose scripts must not fail."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en", timezone_id="Asia/Tehran")
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert not failures


def figure(page: Page, name: str) -> str:
    """One of the player's figures."""
    value = page.evaluate("name => document.getElementById('player').dataset[name]", name)
    return str(value)


def wait_for_state(page: Page, state: str, seconds: float = 20) -> None:
    """Until the player says so."""
    page.wait_for_function(
        "state => document.getElementById('player').dataset.state === state", arg=state, timeout=seconds * 1000
    )
