"""Every page fits: each language, light and dark, phone to projector, zoomed, and with text set wide."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.stand_ins.live_site import Live
from tests.stand_ins.seen_pages import LANGUAGES, PAGES, SCHEMES, SIZES, complaints, misfits, open_page, sign_in

ASKS_AGAIN = "meta-refresh: "
"""Who waits without a script, in line or for the stream, keeps the place by asking again: the page says so."""

LONGEST = ("fa", LANGUAGES[-1])
"""One from the right, and the pseudo-locale, whose words are longer than anybody's: the others fit where these do."""

ZOOMED = {"desktop at 200 %": (640, 400), "desktop at 400 %": (320, 256)}
SET_WIDE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
"""WCAG 2.2, 1.4.12. Scripts that join their letters are not spaced by the letter."""


@pytest.fixture(scope="module")
def seeing(chromium: Browser, off_air: Live) -> Iterator[Page]:
    """Signed in, so that the control page can be seen too."""
    context = chromium.new_context(reduced_motion="reduce", timezone_id="Asia/Tehran")
    page = context.new_page()
    sign_in(page, off_air)
    yield page
    context.close()


def on_each_screen(page: Page) -> Iterator[str]:
    """Set the page's size and scheme to each in turn; yields what it is now."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            yield f"{size}, {scheme}"
    for size, (width, height) in ZOOMED.items():
        page.set_viewport_size({"width": width, "height": height})
        yield size


@pytest.mark.parametrize("language", [
    each if each in LONGEST else pytest.param(each, marks=pytest.mark.soak) for each in LANGUAGES
])
@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_nothing_is_cut_off_or_runs_over(seeing: Page, off_air: Live, path: str, language: str) -> None:
    open_page(seeing, off_air, path, language)
    found = [f"{screen}: {misfit}" for screen in on_each_screen(seeing) for misfit in misfits(seeing)]
    seeing.evaluate(SET_WIDE)
    # A projector's text is as large as its place, and nobody in the hall can set it wide.
    for size in ("phone", "desktop") if path != "/hall" else ():
        width, height = SIZES[size]
        seeing.set_viewport_size({"width": width, "height": height})
        found += [f"{size}, text set wide: {misfit}" for misfit in misfits(seeing)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("scheme", "language"), [("light", LANGUAGES[-1]), ("dark", "fa")])
@pytest.mark.parametrize("path", PAGES.values(), ids=list(PAGES))
def test_pages_are_open_to_everybody(seeing: Page, off_air: Live, path: str, scheme: str, language: str) -> None:
    seeing.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    seeing.set_viewport_size({"width": 390, "height": 844})
    open_page(seeing, off_air, path, language)
    assert not [each for each in complaints(seeing) if not (path == "/plain" and each.startswith(ASKS_AGAIN))]


def test_a_misfit_would_be_seen(seeing: Page, off_air: Live) -> None:
    open_page(seeing, off_air, "/", "en")
    assert not misfits(seeing)
    seeing.evaluate("""() => {
      const main = document.querySelector("main");
      main.insertAdjacentHTML("beforeend", `<p>${"wide ".repeat(200)}</p><p>one<br>two</p>`);
      const [wide, low] = [...document.querySelectorAll("main > p")];
      wide.style.whiteSpace = "nowrap";
      low.style.cssText = "height: 1em; overflow: hidden";
    }""")
    assert {"the page is", "runs out of", "outside the", "cut off bel"} <= {found[:11] for found in misfits(seeing)}
