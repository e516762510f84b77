"""Debian's Chromium, driven by Playwright, with nothing of its own calling home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)


@contextmanager
def chromium(*more: str, lets_sound_start: bool = True) -> Iterator[Browser]:
    """A headless Chromium, with ``more`` flags. ``lets_sound_start`` False: sound needs a gesture, as is the rule."""
    flags = [*FLAGS, *more, *(["--autoplay-policy=no-user-gesture-required"] if lets_sound_start else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        try:
            yield browser
        finally:
            browser.close()
