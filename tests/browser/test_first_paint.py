"""What is there first: text that waits for one sheet, a page that does not jump, fonts where the line is good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route
from tests.stand_ins.live_site import Live
from tests.stand_ins.seen_pages import SIZES

PATHS = ["/", "/schedule", "/watch", "/?lang=fa"]
GOOD, WEAK = (1000, 50), (24, 800)
"""Kilobits a second and milliseconds, as Chromium makes them; it makes no line lose packets or shake hands."""
LARGEST_SHIFT = 0.02
WATCHED = """
  window.shifts = 0;
  new PerformanceObserver((seen) => { for (const shift of seen.getEntries()) window.shifts += shift.value; })
    .observe({ type: "layout-shift", buffered: true });
  const look = () => {
    const main = document.querySelector("main");
    const isShown = main && document.styleSheets.length > 0 && getComputedStyle(main).visibility === "visible";
    if (isShown && window.readAt === undefined) {
      window.readAt = performance.now();
      window.sheets = document.styleSheets.length;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""
"""Adds up what jumps; notes when the text was first shown, and with how many sheets."""


@contextmanager
def visit(chromium: Browser, address: str, line: tuple[int, int], size: str = "desktop") -> Iterator[Page]:
    """A first visit over a line, until the page has loaded."""
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, timezone_id="Asia/Tehran")
    page = context.new_page()
    page.add_init_script(WATCHED)
    kilobits, milliseconds = line
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", {
        "offline": False, "latency": milliseconds, "downloadThroughput": kilobits * 125,
        "uploadThroughput": kilobits * 125,
    })
    page.goto(address, wait_until="load", timeout=60_000)
    page.wait_for_timeout(2000)
    yield page
    context.close()


def requested(page: Page) -> list[str]:
    """The paths of all that the page fetched."""
    paths: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)"
    )
    return paths


@pytest.mark.soak  # a busy machine shows a picture more; `make prove` measures
@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("path", PATHS)
def test_on_a_good_line_nothing_jumps_and_nobody_sees_a_page_half_dressed(
    chromium: Browser, off_air: Live, path: str, size: str
) -> None:
    with visit(chromium, off_air.address + path, GOOD, size) as page:
        shifts, sheets = page.evaluate("[window.shifts, window.sheets]")
        print(f"{path}, {size}: {shifts:.4f}")
        assert shifts <= LARGEST_SHIFT
        assert sheets >= 2, "the page without its second sheet was seen"


@pytest.mark.soak  # a busy machine shows a picture more; `make prove` measures
@pytest.mark.parametrize("path", PATHS)
def test_on_a_weak_line_text_comes_first_and_the_fonts_not_at_all(
    chromium: Browser, off_air: Live, path: str
) -> None:
    with visit(chromium, off_air.address + path, WEAK) as page:
        read_at = page.evaluate("window.readAt")
        print(f"{path}: text at {read_at:.0f} ms")
        assert read_at < 6000
        assert not [name for name in requested(page) if "/fonts/" in name]


def test_text_is_read_though_the_other_sheet_never_comes(page: Page, off_air: Live) -> None:
    held: list[Route] = []
    page.route("**/dist/public.css*", lambda route: held.append(route))
    page.goto(off_air.address + "/", wait_until="commit")
    page.get_by_role("heading", name="World Assembly").wait_for(state="visible")
    assert len(held) == 1
    held[0].continue_()
    page.wait_for_function("() => getComputedStyle(document.querySelector('.button.main')).borderRadius !== '0px'")


@pytest.mark.parametrize(("save_data", "expected"), [("false", True), ("true", False)])
def test_fonts_come_behind_all_else_where_they_are_welcome(
    chromium: Browser, off_air: Live, save_data: str, expected: bool
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script(f"Object.defineProperty(navigator.connection, 'saveData', {{ get: () => {save_data} }})")
    page.goto(off_air.address + "/schedule")
    page.wait_for_timeout(1500)
    if expected:  # a busy machine counts as a weak one
        expected = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive <= 1500")
    assert ("/static/fonts/fonts.css" in requested(page)) == expected
    context.close()
