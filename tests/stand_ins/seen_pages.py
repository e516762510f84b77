"""Every page that people see, in which languages and on which screens, and what a browser finds wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page

from allpoints.kernel.text.translations import PSEUDO
from tests.stand_ins.live_site import ROOT, Live

PAGES: Mapping[str, str] = {
    "home": "/", "schedule": "/schedule", "watch": "/watch", "status": "/status", "text": "/text",
    "limits": "/limits", "hall": "/hall", "plain": "/plain", "sign-in": "/control/sign-in", "not-found": "/nowhere",
    "control": "/control",
}
LANGUAGES = ("en", "fa", "ar", PSEUDO)
SCHEMES = ("light", "dark")
SIZES: Mapping[str, tuple[int, int]] = {"phone": (390, 844), "desktop": (1280, 800), "projector": (1920, 1080)}

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
MISFITS = Path(__file__).with_name("misfits.js")

MAY_BE_CUT = {
    ".visually-hidden": "for screen readers alone",
    ".skip": "above the page until the keyboard comes to it",
    ".beam": "a drawing larger than its frame",
    ".log": "one line of a program's words, for who knows them; they are in the log in full",
}


def sign_in(page: Page, live: Live) -> None:
    """Come into the control room, in whatever language."""
    page.goto(f"{live.address}/control/sign-in")
    page.locator("#name").fill("Ada")
    page.locator("#secret").fill(live.secret)
    page.locator(".sign-in-card button").click()
    page.locator("#desk").wait_for()


def open_page(page: Page, live: Live, path: str, language: str) -> None:
    """Go there, and wait until the page is as it stays."""
    page.goto(f"{live.address}{path}{'&' if '?' in path else '?'}lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    if path == "/watch":
        page.wait_for_function("() => /playing|off-air/.test(document.getElementById('player').dataset.state)")


def misfits(page: Page) -> list[str]:
    """What does not fit the screen: a page wider than it, text that is cut off or runs out of its box."""
    found: list[str] = page.evaluate(MISFITS.read_text(), list(MAY_BE_CUT))
    return found


def complaints(page: Page) -> list[str]:
    """What axe-core finds."""
    page.evaluate(AXE.read_text() + "; 0")
    found = page.evaluate(f"async () => (await axe.run(document, {RULES})).violations")
    return [f"{each['id']}: {node['html'][:160]} {node['any'] and node['any'][0]['message']}" for each in found
            for node in each["nodes"]]
