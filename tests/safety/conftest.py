"""A site and its stream that the tests of leaving and of seized profiles share, with the choice of trace in hand."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Live, wait_for, wait_for_state
from tests.stand_ins.serving import free_port

from allpoints.schedule.model import Trace


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    live = Live(tmp_path_factory.mktemp("low-trace"), free_port(), {"ALLPOINTS_LADDER": "small"})
    try:
        live.start("site")
        live.start("broadcast")
        yield live
    finally:
        live.stop()


def ask_for(live: Live, trace: Trace) -> None:
    """Hold the gathering again, with this choice."""
    live.kill("site")
    (live.data / "trace.json").write_bytes(msgspec.json.encode(trace))
    live.start("site")


def watch_for(page: Page, seconds: float) -> None:
    """With a picture that moves."""
    wait_for_state(page, "playing", 60)
    time = "document.querySelector('video').videoHeight && document.querySelector('video').currentTime"
    began = page.evaluate(time)
    wait_for(lambda: page.evaluate(time) > began + seconds, seconds + 60)
