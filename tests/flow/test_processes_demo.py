"""``allpoints demo`` with small clips in place of its own: on air by itself, a live publisher, an orderly end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stand_ins.clips import coloured, make
from tests.stand_ins.serving import Serving, eventually, gone

from allpoints.app.demo.clips import clips
from allpoints.app.demo.gathering import HARBOUR_SOURCE
from allpoints.contribute.ingest_status import read_status
from allpoints.kernel.folders import Folders

SOON = 60.0


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Serving]:
    media = tmp_path / "allpoints-demo" / "media" / "demo"
    media.mkdir(parents=True)
    first, *others = (media / clip.name for clip in clips())
    make(first, coloured("teal", 440, 20))
    for other in others:
        other.write_bytes(first.read_bytes())
    serving = Serving(tmp_path, command="demo", options=("--ladder", "audio"))
    yield serving
    serving.kill()


@pytest.mark.timeout(180)
def test_the_demo_runs_by_itself_and_ends_in_order(demo: Serving, tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "allpoints-demo")
    assert demo.wait_for(r"Watch +http://127.0.0.1:(\d+)/watch").group(1) == str(demo.port)
    demo.wait_for("for Live from the harbour")

    def on_air() -> bool | None:
        aired = folders.journal.read_text() if folders.journal.exists() else ""
        return True if '"state": "on_air"' in aired else None

    def publishing() -> bool | None:
        status = read_status(folders)
        return True if status and HARBOUR_SOURCE in status.publishers else None

    eventually(on_air, SOON)
    eventually(publishing, SOON)
    family = demo.family()
    demo.process.send_signal(signal.SIGINT)
    demo.wait_for("allpoints  stopped")
    assert demo.process.wait(5) == 0
    eventually(lambda: gone(list(family.values())), 2)
    faults = [line for line in demo.lines if "Traceback" in line or "started again" in line]
    assert not faults, "\n".join(demo.lines)
