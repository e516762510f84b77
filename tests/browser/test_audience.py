"""What the audience gets on the real watch page from a real stage: two minutes with five takes, and every choice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.stand_ins.browsers import chromium
from tests.stand_ins.clips import ffmpeg
from tests.stand_ins.gatherings import OnAir, a_free_port, file_source, held_gathering

from allpoints.stage.protocol import Cue, Take

pytestmark = pytest.mark.alone


@dataclass(frozen=True)
class Site:
    """A running gathering and the address of its pages."""

    url: str
    on_air: OnAir


def moving_clip(path: Path, seed: int) -> Path:
    """Half a minute of moving pattern with sound."""
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d=30,hue=h={seed * 70}", "-f", "lavfi", "-i",
        f"anoisesrc=color=pink:amplitude=0.25:seed={seed}:sample_rate=48000:d=30", "-c:v", "libx264", "-preset",
        "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p", "-c:a", "aac", path,
    )
    return path


def hold(folder: Path, **settings: str) -> Iterator[Site]:
    """A gathering with three films on a real stage, ingest and web."""
    films = [file_source(f"film-{n}", moving_clip(folder / f"{n}.mp4", n)) for n in range(3)]
    port = a_free_port()
    with held_gathering(
        folder / "data", films, a_free_port(), ("ingest", "stage", "web"), port=str(port), **settings
    ) as on_air:
        on_air.until(lambda report: report.next is not None and report.next.ready)
        assert on_air.ask(Take()).ok
        start = on_air.until(lambda report: report.tick > 0).tick
        on_air.until(lambda report: report.tick > start + 300)
        yield Site(f"http://127.0.0.1:{port}", on_air)


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from hold(tmp_path_factory.mktemp("classic"))


@pytest.fixture(scope="module")
def low_latency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from hold(tmp_path_factory.mktemp("low"), low_latency="on", ladder="small")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def until(page: Page, expression: str, seconds: float = 25) -> None:
    """Wait for ``expression`` to hold. Playwright's own way evaluates strings in the page, which its CSP forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"waited in vain for {expression}: {figures(page)}"
        page.wait_for_timeout(100)


def watch(browser: Browser, site: Site) -> Page:
    """Open the watch page and wait until it plays."""
    page = browser.new_page()
    page.goto(f"{site.url}/watch")
    until(page, "document.querySelector('#player').dataset.state === 'playing'")
    return page


def figures(page: Page) -> dict[str, Any]:
    """What the player tells of itself, and where its element stands."""
    told: dict[str, Any] = page.evaluate(
        "({...document.querySelector('#player').dataset, time: document.querySelector('video').currentTime,"
        " height: document.querySelector('video').videoHeight})"
    )
    return told


def assert_plays_for(page: Page, seconds: float) -> None:
    """The element moves on as fast as time does."""
    before = figures(page)["time"]
    page.wait_for_timeout(seconds * 1000)
    assert figures(page)["time"] - before == pytest.approx(seconds, abs=0.25 * seconds)


@pytest.mark.timeout(280)
@pytest.mark.parametrize("seconds", [60, pytest.param(120, marks=pytest.mark.soak)])
def test_it_plays_five_takes_without_a_stall(classic: Site, browser: Browser, seconds: int) -> None:
    page = watch(browser, classic)
    page.wait_for_timeout(5_000)
    before, began = figures(page), time.monotonic()
    for number in range(1, 6):
        assert classic.on_air.ask(Cue(source=f"film-{number % 3}")).ok
        page.wait_for_timeout(seconds * 1000 / 6)
        assert classic.on_air.ask(Take(transition="mix" if number % 2 else "cut")).ok
    page.wait_for_timeout(max(0.0, seconds - (time.monotonic() - began)) * 1000)
    after, lasted = figures(page), time.monotonic() - began
    page.close()
    print(f"played {after['time'] - before['time']:.1f} s of {lasted:.1f} s, stalls {after['stalls']}, "
          f"latency {after['latency']} s")
    assert after["stalls"] == before["stalls"] == "0"
    assert after["restarts"] == "0"
    assert after["time"] - before["time"] == pytest.approx(lasted, abs=1.0)


@pytest.mark.parametrize("choice", ["720", "480", "240", "144"])
def test_every_picture_of_the_ladder_plays(classic: Site, browser: Browser, choice: str) -> None:
    page = watch(browser, classic)
    until(page, f"!!document.querySelector('[data-do=quality] option[value=\"{choice}\"]')")
    page.select_option("[data-do=quality]", choice)
    until(page, f"document.querySelector('video').videoHeight === {choice}")
    assert_plays_for(page, 4)
    page.close()


@pytest.mark.parametrize("choice", ["audio", "audio-least"])
def test_sound_alone_plays_and_costs_little(classic: Site, browser: Browser, choice: str) -> None:
    page = watch(browser, classic)
    page.select_option("[data-do=quality]", choice)
    until(page, f"document.querySelector('#player').dataset.choice === '{choice}' &&"
                " document.querySelector('#player').dataset.state === 'playing'")
    page.wait_for_timeout(2_000)
    before = figures(page)
    assert_plays_for(page, 8)
    spent = int(figures(page)["bytes"]) - int(before["bytes"])
    page.close()
    assert spent < 90_000, f"{spent} bytes in 8 s"


def test_two_tabs_at_once_play(classic: Site, browser: Browser) -> None:
    pages = [watch(browser, classic) for _ in range(2)]
    for page in pages:
        page.wait_for_timeout(2_000)
        assert_plays_for(page, 5)
    assert [figures(page)["stalls"] for page in pages] == ["0", "0"]
    for page in pages:
        page.close()


@pytest.mark.timeout(200)
def test_low_latency_settles_within_two_and_a_half_seconds(low_latency: Site, browser: Browser) -> None:
    page = watch(browser, low_latency)
    page.wait_for_timeout(8_000)
    before, latencies = figures(page), []
    for _ in range(30):
        page.wait_for_timeout(1_000)
        latencies.append(float(figures(page)["latency"]))
    after = figures(page)
    page.close()
    print(f"low latency: median {sorted(latencies)[15]} s, worst {max(latencies)} s")
    assert max(latencies) <= 2.5
    assert after["stalls"] == before["stalls"]
