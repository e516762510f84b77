"""One visit through a line by a Chromium that knows nothing yet: what it shows when, and what playing costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.stand_ins.browsers import chromium
from tests.stand_ins.front import NAME
from tests.stand_ins.line import Line
from tests.stand_ins.link_figures import Look, Reading, Stall, Steady, first_sound, nominal_bit_rate, stalls, steady
from tests.stand_ins.shaped_line import ShapedLine

READ_EVERY = 0.25
FLAGS = (f"--host-resolver-rules=MAP {NAME} 127.0.0.1", "--ignore-certificate-errors")

# Runs in the page before anything of its own; what is asked of the page later comes too late to time it.
WATCHING = """(() => {
  const seen = window.seenOfLine = {looks: [], title: null};
  setInterval(() => {
    const at = performance.now() / 1000;
    const title = document.querySelector('[data-part="now-title"]');
    if (seen.title === null && title?.textContent.trim() && title.getBoundingClientRect().height) seen.title = at;
    const media = document.querySelector('video, audio');
    if (!media) return;
    const {buffered, currentTime} = media;
    let end = currentTime;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= currentTime + 0.1 && buffered.end(i) > end) end = buffered.end(i);
    seen.looks.push([at, currentTime, end, media.webkitAudioDecodedByteCount ?? 0]);
  }, 100);
})()"""
TOLD = """() => ({
  at: performance.now() / 1000,
  looks: window.seenOfLine.looks.splice(0),
  title: window.seenOfLine.title,
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
  load: performance.getEntriesByType('navigation')[0]?.loadEventEnd || null,
})"""
FETCHED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(
  each => ({name: new URL(each.name).pathname, bytes: each.transferSize, until_s: each.responseEnd / 1000}))"""


@dataclass
class Visit:
    """Seconds count from the navigation. ``text``: the title of what is on now is painted; ``page``: its HTML, styles
    and scripts are there and have run; ``asked``: all addresses, in order; ``fetched``: what came until first sound.
    """

    text: float | None = None
    page: float | None = None
    looks: list[Look] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    fetched: list[dict[str, Any]] = field(default_factory=list)

    @property
    def sound(self) -> float | None:
        return first_sound(self.looks)

    @property
    def stalls(self) -> list[Stall]:
        return stalls(self.looks)

    @property
    def steady(self) -> Steady | None:
        return steady(self.looks, self.readings)

    @property
    def rung(self) -> tuple[str, int]:
        """The rendition that is played, and its rate in bit/s."""
        return nominal_bit_rate(self.asked)

    def bytes_until(self, at: float | None) -> int | None:
        """What the line had carried by then, both ways."""
        return next((each.passed.bytes for each in self.readings if at is not None and each.at >= at), None)


def visit(
    path: str, line: ShapedLine, *, plays: float, patience: float, emulated: Line | None = None
) -> Visit:
    """Open ``path`` and stay for ``plays`` seconds after the first sound, or until ``patience`` is over without any.

    ``emulated``: let Chromium itself be slow, by its own rule.
    """
    seen = Visit()
    with chromium(*FLAGS) as browser:
        page = browser.new_page()
        page.add_init_script(WATCHING)
        page.on("request", lambda request: seen.asked.append(request.url))
        if emulated is not None:
            slow_down(page, emulated)
        began = line.passed()
        page.goto(f"https://{NAME}:{line.port}{path}", wait_until="commit", timeout=patience * 1000)

        def look(until: Callable[[], bool], seconds: float) -> None:
            end = time.monotonic() + seconds
            while not until() and time.monotonic() < end:
                page.wait_for_timeout(READ_EVERY * 1000)
                told = page.evaluate(TOLD)
                seen.looks += [Look(*values) for values in told["looks"]]
                seen.readings.append(Reading(told["at"], line.passed().since(began)))
                if seen.text is None and told["paint"] and told["title"]:
                    seen.text = max(told["paint"] / 1000, told["title"])
                seen.page = told["load"] and told["load"] / 1000

        look(lambda: seen.sound is not None, patience)
        seen.fetched = page.evaluate(FETCHED)
        if seen.sound is not None:
            look(lambda: False, plays)
    return seen


def slow_down(page: Page, line: Line) -> None:
    """As the developer tools do: a rate for all, and a pause before each answer. No handshake and no loss."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": line.round_trip * 1000, "downloadThroughput": line.rate / 8,
        "uploadThroughput": line.rate / 8,
    })
