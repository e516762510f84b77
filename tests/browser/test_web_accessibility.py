"""What axe-core finds while something plays: nothing, as on all pages at rest (``test_pages_fit.py``)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Live, wait_for_state
from tests.browser.test_web_control import sign_in
from tests.stand_ins.seen_pages import complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/watch", "/plain", "/plain?show=audio&lang=fa"])
def test_public_pages_are_open_to_everybody(chromium: Browser, live: Live, path: str, scheme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page = context.new_page()
    page.goto(live.address + path)
    if path == "/watch":
        wait_for_state(page, "playing")
    assert not complaints(page)
    context.close()


def test_the_control_page_is_open_to_everybody(page: Page, live: Live) -> None:
    sign_in(page, live)
    page.locator("#badge[data-link=live]").wait_for()
    assert not complaints(page)


def test_the_off_air_picture_is_open_to_everybody(page: Page, live: Live) -> None:
    live.kill("broadcast")
    for playlist in live.folders.public.rglob("*.m3u8"):
        playlist.unlink()
    page.goto(live.address + "/watch")
    wait_for_state(page, "off-air")
    assert not complaints(page)


def test_a_complaint_would_be_heard(page: Page, live: Live) -> None:
    page.goto(live.address + "/")
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert any(complaint.startswith("label") for complaint in complaints(page))
