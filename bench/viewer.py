"""A viewer for long: headless Chromium on a page with a video, looked at five times a second, on its own thread."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page
from tests.stand_ins.browsers import chromium

from allpoints.app.drill.chromium import WITHOUT_LOW_LATENCY

LOOK_EVERY = 0.2
STILL_SHARE = 0.25
STEADY_SECONDS = 5.0

LOOK = """(() => {
  const video = document.querySelector('video');
  const player = document.querySelector('#player');
  return {time: video ? video.currentTime : -1, origin: performance.timeOrigin, height: video ? video.videoHeight : 0,
          player: player ? {...player.dataset} : {}};
})()"""


@dataclass(frozen=True)
class Look:
    """Where the video stood at the monotonic second ``at``. ``origin`` changes when the page is loaded anew."""

    at: float
    time: float
    origin: float


@dataclass(frozen=True)
class Watched:
    """What a viewer saw over some time. ``still`` in seconds; ``jumped``: seconds of media that were passed over;
    ``resumed``: at the end it moved as fast as time does."""

    still: float
    longest_still: float
    jumped: float
    resumed: bool
    reloads: int


def watched(looks: list[Look]) -> Watched:
    """Sum up looks in order of time."""
    still = longest = lasting = jumped = 0.0
    reloads = 0
    for before, after in itertools.pairwise(looks):
        passed, moved = after.at - before.at, after.time - before.time
        reloads += before.origin != after.origin
        if before.origin != after.origin or 0 <= moved < STILL_SHARE * passed:
            lasting += passed - max(0.0, moved if before.origin == after.origin else 0.0)
            still += passed - max(0.0, moved if before.origin == after.origin else 0.0)
            longest = max(longest, lasting)
            continue
        lasting = 0.0
        if moved > passed + 0.6:
            jumped += moved - passed
    end = [look for look in looks if look.at >= looks[-1].at - STEADY_SECONDS] if looks else []
    resumed = len(end) > 1 and end[-1].time - end[0].time >= 0.6 * (end[-1].at - end[0].at)
    return Watched(round(still, 2), round(longest, 2), round(jumped, 2), resumed, reloads)


@dataclass
class Viewer:
    """Watches ``url`` until it is stopped. ``player``: what the page's player told last."""

    url: str
    looks: list[Look] = field(default_factory=list)
    player: dict[str, Any] = field(default_factory=dict)
    _wants_reload: threading.Event = field(default_factory=threading.Event)
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the page; returns at once."""
        self._thread = threading.Thread(target=self._run, name="viewer")
        self._thread.start()

    def stop(self) -> None:
        """Close the browser."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(30)

    def reload(self) -> None:
        """Do what a viewer does who has lost patience."""
        self._wants_reload.set()

    def until_playing(self, seconds: float) -> bool:
        """Wait until it has played steadily for some seconds."""
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            now = time.monotonic()
            if len(self.between(now - STEADY_SECONDS, now)) > 10 and self.seen(now - STEADY_SECONDS, now).resumed:
                return True
            time.sleep(0.5)
        return False

    def between(self, since: float, until: float) -> list[Look]:
        """The looks of some time."""
        return [look for look in list(self.looks) if since <= look.at <= until]

    def seen(self, since: float, until: float) -> Watched:
        """What it saw from one monotonic second to another."""
        return watched(self.between(since, until))

    def _run(self) -> None:
        with chromium() as browser:
            page = browser.new_page()
            page.add_init_script(WITHOUT_LOW_LATENCY)  # an ordinary viewer, with an ordinary buffer
            page.goto(self.url)
            while not self._ending.is_set():
                if self._wants_reload.is_set():
                    self._wants_reload.clear()
                    self._reload(page)
                told = page.evaluate(LOOK)
                self.player = told["player"]
                self.looks.append(Look(time.monotonic(), told["time"], told["origin"]))
                page.wait_for_timeout(LOOK_EVERY * 1000)

    def _reload(self, page: Page) -> None:
        try:
            page.reload(timeout=10_000)
        except Exception as failure:  # the page's server may be what is broken: the next reload may do
            print(f"viewer: {failure}", flush=True)
