"""Contact sheets: every page in each language on phone, desktop and projector, light and dark, for people to look at.

``python -m bench.contact_sheets [PAGE …]`` writes ``docs/pictures/sheets/PAGE-SCHEME.webp``; without names all, and a
picture of the pieces that pages are made of.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page
from tests.stand_ins.browsers import chromium
from tests.stand_ins.live_site import Live, live_site
from tests.stand_ins.seen_pages import LANGUAGES, PAGES, SCHEMES, SIZES, open_page, sign_in

FOLDER = Path("docs/pictures/sheets")
STATIC, TEMPLATES = Path("src/allpoints/web/static"), Path("src/allpoints/web/templates")
SHEETS = ("first", "public", "watch")
LARGEST = 250_000
TILE_HEIGHT, GAP = 360, 12
BEHIND = "#7d8794"
FONTS_MS = 700
OUR_FONTS = """() => {
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: document.documentElement.dataset.fonts });
  document.head.append(link);
}"""


@dataclass(frozen=True)
class View:
    """A page in a state: ``site`` is on air, off air, or has no plan yet."""

    name: str
    path: str
    site: str


VIEWS = (
    *(View(name, path, "on-air") for name, path in PAGES.items()),
    View("watch-off-air", "/watch", "off-air"),
    View("plain", "/plain", "on-air"),
    View("home-no-plan", "/", "no-plan"),
    View("schedule-no-plan", "/schedule", "no-plan"),
)


def shots(page: Page, live: Live, path: str, language: str) -> Iterator[Image.Image]:
    """The page on each screen, as tall as a tile."""
    open_page(page, live, path, language)
    if path == "/watch" and "broadcast" in live.processes:
        page.wait_for_function("() => document.getElementById('player').dataset.state === 'playing'")
    page.evaluate(OUR_FONTS)
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(FONTS_MS)
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        yield picture.resize((round(width * TILE_HEIGHT / height), TILE_HEIGHT), Image.Resampling.LANCZOS)


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Rows of pictures, with gaps."""
    width = sum(tile.width + GAP for tile in rows[0]) + GAP
    whole = Image.new("RGB", (width, len(rows) * (TILE_HEIGHT + GAP) + GAP), BEHIND)
    for row, tiles in enumerate(rows):
        left = GAP
        for tile in tiles:
            whole.paste(tile, (left, GAP + row * (TILE_HEIGHT + GAP)))
            left += tile.width + GAP
    return whole


def keep(picture: Image.Image, path: Path) -> None:
    """As WebP, as good as its size allows."""
    for quality in range(82, 20, -6):
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= LARGEST:
            break
    path.write_bytes(written.getvalue())


def make(browser: Browser, sites: Mapping[str, Live], view: View, scheme: str) -> None:
    """One sheet."""
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce",
                                  timezone_id="Asia/Tehran")
    page, live = context.new_page(), sites[view.site]
    if view.path == "/control":
        sign_in(page, live)
    rows = [list(shots(page, live, view.path, language)) for language in LANGUAGES]
    context.close()
    keep(sheet(rows), FOLDER / f"{view.name}-{scheme}.webp")
    print(f"{view.name}, {scheme}", flush=True)


def components(browser: Browser, scheme: str) -> None:
    """The pieces, styled by the built sheets."""
    fonts = (STATIC / "fonts/fonts.css").read_text()
    for font in ("commissioner-latin", "commissioner-title-latin"):
        fonts = fonts.replace(f"{font}.woff2", packed("font/woff2", STATIC / f"fonts/{font}.woff2"))
    html = Path(__file__).with_name("components.html").read_text()
    for name, filled in {
        "{styles}": fonts + "".join((STATIC / f"dist/{sheet}.css").read_text() for sheet in SHEETS),
        "{mark}": (TEMPLATES / "parts/mark.svg").read_text(),
        "{drawings}": "".join(f'<img class="art" src="{packed("image/svg+xml", path)}">'
                              for path in sorted((STATIC / "art").glob("*.svg"))),
    }.items():
        html = html.replace(name, filled)
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.set_content(html)
    page.wait_for_timeout(FONTS_MS)
    page.locator("#focused").focus()
    keep(Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB"), FOLDER / f"components-{scheme}.webp")
    page.close()


def packed(kind: str, path: Path) -> str:
    """A file as an address that holds it."""
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode()}"


def main(names: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = [view for view in VIEWS if not names or view.name in names]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["ALLPOINTS_MEMORY"] = stack.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm"))
        sites = {
            site: stack.enter_context(
                live_site(folder / site, is_on_air=site == "on-air", has_days=site != "no-plan"))
            for site in {view.site for view in wanted}
        }
        browser = stack.enter_context(chromium())
        if not names or "components" in names:
            for scheme in SCHEMES:
                components(browser, scheme)
        for view in wanted:
            for scheme in SCHEMES if view.path != "/control" else SCHEMES[1:]:  # the crew's room is always dark
                make(browser, sites, view, scheme)


if __name__ == "__main__":
    main(sys.argv[1:])
