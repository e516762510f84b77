"""``allpoints serve`` as a whole: what it says, what it survives, what it refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.stand_ins.serving import Serving, allpoints, eventually, free_port, gone

from allpoints.kernel.folders import Folders
from allpoints.kernel.watchdog import NotifySocket

Start = Callable[..., Serving]
SOON = 60.0
"""Seconds that a busy machine may take; on an idle one it is a few."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a gathering file, as ``allpoints init`` leaves it."""
    assert allpoints("init", cwd=tmp_path).returncode == 0
    return tmp_path


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    started: list[Serving] = []

    def start(**options: Any) -> Serving:
        more = ("--ladder", "audio", *options.pop("options", ()))
        started.append(Serving(place, options=more, **options))
        return started[-1]

    yield start
    for serving in started:
        serving.kill()


def page(serving: Serving, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{serving.port}{path}", timeout=5) as answer:
        content: bytes = answer.read()
        return content


def playlist(serving: Serving) -> bytes | None:
    try:
        return page(serving, "/live/a64/index.m3u8")
    except OSError:
        return None


@pytest.mark.timeout(240)
def test_killed_as_a_whole_it_leaves_nothing_and_starts_again_at_once(start: Start, place: Path) -> None:
    serving = start()
    assert serving.wait_for(r"Watch +(http://\S+)").group(1) == f"http://127.0.0.1:{serving.port}/watch"
    assert serving.wait_for(r"secret +(\S+)")
    assert serving.wait_for(rf"RTMP to rtmp://127.0.0.1:{serving.rtmp_port}/live")
    assert serving.wait_for(r"key +\S{12,}")
    assert b"<html" in page(serving, "/watch")
    eventually(lambda: playlist(serving), SOON)
    refuses_a_second_supervisor(place, serving.process.pid)

    family = serving.family()
    assert {"stage", "ingest", "web"} <= set(family)
    os.kill(serving.process.pid, signal.SIGKILL)
    eventually(lambda: gone(list(family.values())), 2)

    again = start(port=serving.port)
    again.wait_for("RTMP to")
    assert not [line for line in again.lines if "secret" in line]


def refuses_a_second_supervisor(place: Path, pid: int) -> None:
    run = allpoints("serve", "--port", str(free_port()), "--rtmp-port", str(free_port()), cwd=place)
    assert run.returncode == 2
    assert f"already runs with the data folder {place / 'allpoints-data'} (process {pid})" in run.stderr
    findings = json.loads(allpoints("doctor", "--json", cwd=place).stdout)
    assert [finding["verdict"] for finding in findings if finding["subject"] == "Ports"] == ["ok"]


@pytest.mark.timeout(240)
def test_it_survives_the_death_of_each_process_and_of_its_database(start: Start, place: Path) -> None:
    with closing(NotifySocket()) as manager:  # in systemd's place
        serving = start(environment={"NOTIFY_SOCKET": manager.open(), "WATCHDOG_USEC": "2000000"})
        serving.wait_for("RTMP to")
        told: list[str] = []
        while told.count("WATCHDOG") < 3:
            told += eventually(lambda: said_to(manager) or None, 5)
        assert told[0] == "READY"
    family = serving.family()
    fates = [int(Path(f"/proc/{family[name]}/oom_score_adj").read_text()) for name in ("stage", "web", "ingest",
                                                                                       "recorder")]
    assert fates == sorted(set(fates)), "who is missed least goes first when memory runs out"
    for name in ("ingest", "web", "stage"):
        before = serving.family()
        os.kill(before[name], signal.SIGKILL)
        serving.wait_for(f"{name} +was ended by signal 9")
        serving.wait_for(f"{name} +started again")
        after = serving.family()
        assert {one for one in before if one in after and after[one] == before[one]} >= {
            "stage", "ingest", "web"} - {name}
    known = eventually(lambda: playlist(serving), SOON)
    eventually(lambda: grown(playlist(serving), known), SOON)
    assert serving.end() == 0

    database = Folders.beneath(place / "allpoints-data").database
    for path in database.parent.glob(database.name + "-*"):
        path.unlink()
    database.write_bytes(b"this was a database once" * 1000)
    again = start()
    again.wait_for("cannot be opened")
    again.wait_for("RTMP to")
    assert b"<html" in page(again, "/watch")
    known = eventually(lambda: playlist(again), SOON)
    eventually(lambda: grown(playlist(again), known), SOON)


def said_to(manager: NotifySocket) -> list[str]:
    """What the supervisor says of itself."""
    return [field for word in manager.heard() for field in word.fields]


def grown(now: bytes | None, before: bytes) -> bool | None:
    """True when the playlist has moved on: media are being released."""
    return True if now and now != before else None


def test_a_taken_port_is_named_with_whom_to_ask_and_what_to_change(place: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = allpoints("serve", "--port", str(port), "--rtmp-port", str(free_port()), cwd=place)
    assert run.returncode == 2
    assert f"Port {port} on 127.0.0.1 is taken" in run.stderr
    assert "ss -ltnp" in run.stderr
    assert "--port" in run.stderr
    assert "Traceback" not in run.stderr


def test_without_a_plan_it_says_how_to_write_one(tmp_path: Path) -> None:
    run = allpoints("serve", "--port", str(free_port()), "--rtmp-port", str(free_port()), cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr == (
        "There is no gathering.toml here. Write one with “allpoints init”, or name yours with --gathering.\n"
    )


def test_a_plan_with_mistakes_is_refused_with_their_lines(place: Path) -> None:
    plan = place / "gathering.toml"
    plan.write_text(plan.read_text().replace('zone = "', 'zone = "Nowhere/', 1))
    run = allpoints("serve", "--port", str(free_port()), "--rtmp-port", str(free_port()), cwd=place)
    assert run.returncode == 2
    assert "line " in run.stderr
    assert "Nowhere" in run.stderr
    assert "Traceback" not in run.stderr
