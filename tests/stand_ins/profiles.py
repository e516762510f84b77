"""A Chromium of a person's own: started by itself, with a profile on disk that is there when it has gone."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.stand_ins.browsers import CHROMIUM, FLAGS
from tests.stand_ins.serving import eventually


@dataclass
class OwnChromium:
    """``folder`` is all that it may write to: profile, home, temporary files."""

    folder: Path
    process: subprocess.Popen[bytes]
    browser: Browser

    @property
    def page(self) -> Page:
        """Its one tab."""
        return self.browser.contexts[0].pages[0]

    def close(self) -> None:
        """As by its own menu: what it wants to keep it writes down."""
        with suppress(Error):  # it is gone before it answers
            self.browser.new_browser_cdp_session().send("Browser.close")
        self.process.wait(20)

    def kill(self) -> None:
        """As when the phone is taken, or its battery."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def own_chromium(folder: Path) -> Iterator[OwnChromium]:
    """Started over a new profile beneath ``folder``, driven over its debugging port.

    The folder's name is short: Chromium makes sockets beneath it, whose names may have 107 bytes.
    """
    profile, temporary = folder / "profile", folder / "temporary"
    temporary.mkdir(parents=True)
    places = {"HOME": folder, "TMPDIR": temporary, "XDG_CONFIG_HOME": folder / "config",
              "XDG_CACHE_HOME": folder / "cache"}
    process = subprocess.Popen(
        [CHROMIUM, *FLAGS, "--headless=new", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
         "--password-store=basic", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"],
        env=os.environ | {name: str(place) for name, place in places.items()}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    told = profile / "DevToolsActivePort"
    try:
        port = eventually(lambda: told.read_text().split()[0] if told.exists() and told.read_text() else None, 40)
        with sync_playwright() as playwright:
            yield OwnChromium(folder, process, playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}"))
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
