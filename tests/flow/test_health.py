"""A running gathering with its stage, then its web, kept dead: whoever asks is told so, and told when it is over."""

from __future__ import annotations

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.stand_ins.logs import lines_of
from tests.stand_ins.serving import Serving, allpoints, eventually

from allpoints.kernel.folders import Folders

SOON = 60.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("coast")
    assert allpoints("init", cwd=place).returncode == 0
    return place


@pytest.fixture(scope="module")
def serving(place: Path) -> Iterator[Serving]:
    serving = Serving(place, options=("--ladder", "audio"))
    try:
        serving.wait_for("RTMP to")
        yield serving
    finally:
        serving.kill()


def fetch(serving: Serving, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{serving.port}{path}", timeout=5) as answer:
        content: bytes = answer.read()
        return content.decode()


def status(serving: Serving) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fetch(serving, "/status.json"))
    return found


def stage_is(serving: Serving, up: int) -> bool | None:
    return f"allpoints_stage_up {up}.0" in fetch(serving, "/metrics") or None


def says(serving: Serving, state: str) -> dict[str, Any] | None:
    return found if (found := status(serving))["state"] == state else None


def examined(serving: Serving, place: Path) -> tuple[int, dict[str, str]]:
    """The doctor's exit code, and its verdicts by subject."""
    run = allpoints("doctor", "--live", "--json", "--port", str(serving.port), cwd=place)
    assert not run.stderr
    return run.returncode, {finding["subject"]: finding["verdict"] for finding in json.loads(run.stdout)}


@contextmanager
def kept_dead(serving: Serving, name: str) -> Iterator[None]:
    """Kill a process as often as it comes back."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.1):
            if pid := serving.family().get(name):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()


@pytest.mark.timeout(240)
def test_a_dead_stage_is_told_everywhere_and_so_is_its_return(serving: Serving, place: Path) -> None:
    eventually(lambda: says(serving, "on_air"), SOON)
    eventually(lambda: stage_is(serving, 1), SOON)
    code, verdicts = examined(serving, place)
    assert code == 0, verdicts
    assert verdicts["Ticks"] == verdicts["a64"] == verdicts["Web"] == verdicts["stage"] == "ok"

    with kept_dead(serving, "stage"):
        eventually(lambda: stage_is(serving, 0), SOON)
        down = eventually(lambda: says(serving, "off_air"), SOON)
        assert down["since"]
        assert "Leave the player open" in fetch(serving, "/status")
        code, verdicts = examined(serving, place)
        assert code == 1
        assert verdicts["stage down"] == verdicts["nothing released"] == verdicts["a64"] == "fail"
        assert verdicts["web"] == verdicts["Web"] == verdicts["ingest"] == "ok", "what is well is told too"

    eventually(lambda: stage_is(serving, 1), SOON)
    back = eventually(lambda: says(serving, "on_air"), SOON)
    back = eventually(lambda: now if (now := status(serving))["interruptions"] else None, SOON)
    assert back["since"] == back["interruptions"][0]["ended_at"]
    log = Folders.beneath(place / "allpoints-data").log

    def told() -> bool | None:
        events = {(line["event"], line["sentence"].partition(":")[0]) for line in lines_of(log / "web.jsonl")}
        wanted = {(event, code) for event in ("alarm_raised", "alarm_cleared") for code in
                  ("stage_down", "nothing_released")}
        return wanted <= events or None

    eventually(told, SOON)
    supervised = (log / "supervisor.jsonl").read_text()
    assert "stage was ended by signal 9" in supervised
    assert "stage started again" in supervised


@pytest.mark.timeout(240)
def test_the_doctor_needs_no_web(serving: Serving, place: Path) -> None:
    eventually(lambda: says(serving, "on_air"), SOON)
    with kept_dead(serving, "web"):
        with suppress(urllib.error.URLError, ConnectionError):
            fetch(serving, "/status")
        code, verdicts = examined(serving, place)
    assert code == 1
    assert verdicts["Web"] == "fail"
    assert verdicts["Ticks"] == verdicts["a64"] == verdicts["stage"] == "ok"
    eventually(lambda: stage_is_told(serving), SOON)


def stage_is_told(serving: Serving) -> bool | None:
    try:
        return stage_is(serving, 1)
    except OSError:
        return None


def test_where_nothing_runs_the_doctor_says_how_to_start(tmp_path: Path) -> None:
    run = allpoints("doctor", "--live", cwd=tmp_path)
    assert run.returncode == 1
    assert "nothing runs on" in run.stdout
    assert "allpoints serve" in run.stdout
