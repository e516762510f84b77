"""A real Chromium on the real watch page, where Playwright and a browser are installed; the drill needs neither.

It plays the classic segments with an ordinary buffer, as the audience does by default. It is never reloaded.
"""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from allpoints.kernel.clock import Clock

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)
SIZE = {"width": 800, "height": 600}
FIRST_PATIENCE = 40.0
PATIENCE = 20.0
MOVED = 1.5
"""Seconds of media that must be played before a player counts as going on."""

WITHOUT_LOW_LATENCY = """
new MutationObserver(() => {
  const player = document.getElementById("player");
  if (player && player.dataset.lowLatency === "yes") player.dataset.lowLatency = "no";
}).observe(document, { childList: true, subtree: true });
"""
_IN_THE_PAGE = WITHOUT_LOW_LATENCY + """
let time = -1, at = performance.now(), marked = at, ahead = 0;
const stalls = [];
const blink = 250;  // milliseconds; nobody calls a picture that stands for less a stall
const video = () => document.querySelector("video");
setInterval(() => {
  const now = performance.now(), place = video()?.currentTime ?? -1;
  if (place === time) return;
  if (time > 0 && now - at > blink) stalls.push([at, now]);
  [time, at] = [place, now];
}, 50);
window.allpointsMark = () => {
  const { buffered = [], currentTime = 0 } = video() ?? {};
  marked = performance.now();
  ahead = buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : 0;
};
window.allpointsSeen = () => {
  const now = performance.now(), all = now - at > blink ? [...stalls, [at, now]] : stalls;
  const within = (end) => all.reduce((sum, [from, to]) =>
    sum + Math.max(0, Math.min(to, end) - Math.max(from, marked)), 0) / 1000;
  return {
    still: within(now), early: within(Math.min(now, marked + ahead * 1000)), ahead,
    time: video()?.currentTime ?? -1, origin: performance.timeOrigin,
    state: document.getElementById("player")?.dataset.state ?? "",
  };
};
"""


class Shown(msgspec.Struct, frozen=True):
    """What the browser showed of a fault: seconds it stood still, how many of these before what it held at first
    (``held`` seconds) was played, and whether it plays on in the same page."""

    still: float
    early: float
    held: float
    goes_on: bool


@dataclass(frozen=True)
class Chromium:
    """A page that is open. Belongs on the thread that opened it."""

    page: Any
    name: str
    clock: Clock

    def mark(self) -> None:
        """A fault comes now."""
        self.page.evaluate("() => window.allpointsMark()")

    def since_mark(self) -> Shown:
        """Wait until it plays on, some seconds at the most; what it showed since the mark."""
        goes_on = self._plays(PATIENCE)
        told = self._seen()
        return Shown(round(told["still"], 2), round(told["early"], 2), round(told["ahead"], 2), goes_on)

    def _plays(self, patience: float) -> bool:
        first = self._seen()
        give_up_at = self.clock.monotonic() + patience
        while self.clock.monotonic() < give_up_at:
            self.page.wait_for_timeout(200)
            now = self._seen()
            if now["origin"] != first["origin"]:
                return False
            if now["time"] < first["time"]:  # the player began anew, with a time of its own
                first = now
            if now["state"] == "playing" and now["time"] > max(first["time"], 0) + MOVED:
                return True
        return False

    def _seen(self) -> dict[str, Any]:
        told: dict[str, Any] = self.page.evaluate("() => window.allpointsSeen()")
        return told

    def plays(self) -> bool:
        """Wait until it plays at all."""
        return self._plays(FIRST_PATIENCE)


@contextmanager
def watching_chromium(address: tuple[str, int], clock: Clock) -> Iterator[Chromium | None]:
    """Open the watch page until the end; None where there is no browser to be had, or where it does not play."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        playwright = importlib.import_module("playwright.sync_api")
    except ImportError:
        browser = None
    if browser is None:
        yield None
        return
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser, args=list(FLAGS))
        try:
            page = opened.new_page(viewport=SIZE)
            page.add_init_script(_IN_THE_PAGE)
            page.goto("http://{}:{}/watch".format(*address))
            watching = Chromium(page, f"Chromium {opened.version}", clock)
            yield watching if watching.plays() else None
        finally:
            opened.close()
