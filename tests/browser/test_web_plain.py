"""Watching and listening with JavaScript off, in the browser's own player. The test itself may still look inside."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.conftest import Live, wait_for

from allpoints.web.places import KEPT_SECONDS

STATE = """(element => ({time: element.currentTime, sound: element.webkitAudioDecodedByteCount,
    height: element.videoHeight, trouble: element.error?.message}))(document.querySelector("video, audio"))"""


@contextmanager
def without_script(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, locale="en", viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def state(page: Page) -> dict[str, Any]:
    told: dict[str, Any] = page.evaluate(STATE)
    assert not told["trouble"]
    return told


def play(page: Page) -> None:
    """Press play, which who came by a link of this site need not do, and see it move on with sound."""
    page.evaluate("void document.querySelector('video, audio').play()")
    wait_for(lambda: state(page)["time"] > 0.5, 30)
    before, began = state(page), time.monotonic()
    assert before["time"] < 20, "time began at nought"
    page.wait_for_timeout(5_000)
    after = state(page)
    assert after["time"] - before["time"] == pytest.approx(time.monotonic() - began, abs=1.0)
    assert after["sound"] > before["sound"]


@pytest.mark.soak  # half a minute of waiting in line
@pytest.mark.timeout(200)
def test_the_watch_page_leads_to_a_player_that_needs_no_script_and_the_next_waits_for_the_place(
    chromium: Browser, lone: Live
) -> None:
    with without_script(chromium) as second:
        with without_script(chromium) as first:
            first.goto(lone.address + "/watch")
            first.wait_for_url("**/plain?show=video&ticket=*")
            play(first)
            assert state(first)["height"] == 240
            first.locator(".languages summary").click()
            first.get_by_role("link", name="فارسی").click()
            first.locator("html[lang=fa]").wait_for()
            assert "ticket=" in first.url
            play(first)
            second.goto(lone.address + "/plain?lang=fa")
            assert second.locator("video").count() == 0
            assert second.locator(".off-air h2").is_visible()
        began = time.monotonic()
        second.locator("video").wait_for(timeout=(KEPT_SECONDS + 30) * 1000)
        print(f"the place was free for the next after {time.monotonic() - began:.1f} s")
        assert second.locator("html").get_attribute("lang") == "fa"
        play(second)


@pytest.mark.parametrize("rung", ["a64", "opus16"])
def test_sound_alone_plays(chromium: Browser, live: Live, rung: str) -> None:
    with without_script(chromium) as page:
        page.goto(f"{live.address}/plain?show=audio")
        page.get_by_role("link", name={"a64": "64 kb/s", "opus16": "16 kb/s"}[rung]).click()
        assert rung in str(page.locator("source").first.get_attribute("src"))
        play(page)


def test_ffmpeg_reads_picture_and_sound_without_an_error(live: Live) -> None:
    address = f"{live.address}/plain/v240.mp4"
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,height,start_time", "-of", "csv=p=0", address],
        capture_output=True, text=True, timeout=60, check=True,
    )
    assert probed.stderr == ""
    video, sound = probed.stdout.split()
    assert video == "h264,240,0.000000"
    assert sound.startswith("aac,")
    assert 0 <= float(sound.split(",")[1]) < 0.022
    decoded = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", address, "-t", "5", "-f", "framecrc", "-"],
        capture_output=True, text=True, timeout=60, check=True,
    )
    assert decoded.stderr == ""
    pictures = [line for line in decoded.stdout.splitlines() if line.startswith("0,")]
    assert len(pictures) == 125
