"""Debian's Firefox ESR: the way from home to the stream, the schedule, another language; with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.conftest import Live
from tests.stand_ins.firefox import Firefox, firefox

MEDIA = "document.querySelector('video, audio')"

# Taps the element: the loudest sample that was just heard.
LISTEN = f"""(() => {{
  const media = {MEDIA};
  const tap = window.tapOfTest ??= (() => {{
    const context = new AudioContext(), analyser = context.createAnalyser();
    context.createMediaElementSource(media).connect(analyser);
    analyser.connect(context.destination);
    return {{analyser, samples: new Float32Array(analyser.fftSize)}};
  }})();
  tap.analyser.getFloatTimeDomainData(tap.samples);
  return Math.max(...tap.samples) > 0.01;
}})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox")) as started:
        yield started


@pytest.fixture(scope="module")
def without_scripts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with firefox(tmp_path_factory.mktemp("firefox"), scripts=False) as started:
        yield started


def reads_the_schedule_and_changes_the_language(browser: Firefox, live: Live) -> None:
    browser.open(live.address)
    browser.click("main a[href^='/schedule']")
    assert "The night the fog came" in browser.text("main")
    browser.click(".languages summary")
    browser.click(".languages a[lang=fa]")
    assert browser.evaluate("document.documentElement.lang") == "fa"
    assert browser.evaluate("getComputedStyle(document.body).direction") == "rtl"
    assert browser.evaluate("location.pathname") == "/schedule"
    assert "The night the fog came" not in browser.text("main")
    browser.click(".languages summary")
    browser.click(".languages a[lang=en]")
    assert "The night the fog came" in browser.text("main")


def test_it_plays_with_sound(browser: Firefox, live: Live) -> None:
    browser.open(live.address)
    browser.click("main a[href^='/watch']")
    assert browser.text("[data-part=now-title]")
    browser.until(f"{MEDIA}.readyState > 2 && {MEDIA}.currentTime > 0")
    before = browser.evaluate(f"{MEDIA}.currentTime")
    browser.until(f"{MEDIA}.currentTime > {before} + 4")
    assert browser.evaluate(f"{MEDIA}.mozHasAudio")
    browser.until(LISTEN)
    assert browser.evaluate("document.getElementById('player').dataset.state") == "playing"


def test_it_reads_the_schedule_and_changes_the_language(browser: Firefox, live: Live) -> None:
    reads_the_schedule_and_changes_the_language(browser, live)


def test_without_scripts_too(without_scripts: Firefox, live: Live) -> None:
    reads_the_schedule_and_changes_the_language(without_scripts, live)


def test_without_scripts_the_watch_page_says_what_is_on_and_offers_a_plain_element(
    without_scripts: Firefox, live: Live
) -> None:
    without_scripts.open(f"{live.address}/plain?show=video")
    assert "The night the fog came" in without_scripts.text("main")
    assert without_scripts.evaluate("document.querySelector('video[controls]').checkVisibility()")
