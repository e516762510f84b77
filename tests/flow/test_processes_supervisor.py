"""The supervisor with small children of the test's own: what ends, what starts again, what never outlives whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import ProcessNote, read_processes

T = TypeVar("T")

# A child that starts a grandchild, notes both process ids, and waits; `stubborn` does not hear SIGTERM.
CHILD = """
import os, signal, subprocess, sys, time
from pathlib import Path
from allpoints.kernel.supervision import start_child
notes, name, manner = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
if manner == "refuses":
    print("This cannot be.", file=sys.stderr)
    sys.exit(2)
if manner == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if manner == "orderly":
    signal.signal(signal.SIGTERM, lambda *_: (notes / f"{name}.orderly").write_text("yes") and sys.exit(0))
if manner in ("hangs", "computes", "starts slowly"):
    from allpoints.kernel.clock import SystemClock
    from allpoints.kernel.watchdog import Watchdog
    watchdog = Watchdog.of(os.environ, SystemClock())
    if manner == "starts slowly":
        time.sleep(1.5)
    watchdog.alive()
start = subprocess.Popen if manner == "careless" else start_child
grandchild = start(["sleep", "60"])
(notes / f"{name}.draft").write_text(f"{os.getpid()} {grandchild.pid}")
(notes / f"{name}.draft").rename(notes / name)
turns = {"hangs": 5, "starts slowly": 1200}.get(manner, 0)
for _ in range(turns):
    watchdog.alive()
    time.sleep(0.05)
while manner == "computes" and not (notes / "enough").exists():
    pass
while manner == "computes":
    watchdog.alive()
    time.sleep(0.05)
time.sleep(60)
"""

SUPERVISOR = """
import os, sys
from pathlib import Path
from allpoints.app.supervisor import ChildSpec, Supervisor
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
LIMITS = {"hangs": 0.5, "computes": 0.5, "starts slowly": 0.5}
notes, child = sys.argv[1:3]
folders = Folders(Path(notes), Path(notes) / "memory")
folders.make()
specs = [
    ChildSpec(name, [sys.executable, "-c", child, notes, name, manner], limit=LIMITS.get(manner))
    for name, manner in (pair.split(":") for pair in sys.argv[3:])
]
say = lambda who, what: print(f"{who}: {what}", flush=True)
deadline = float(os.environ.get("DEADLINE", "1"))
sys.exit(Supervisor(specs, clock=SystemClock(), say=say, environment=os.environ, stop_deadline=deadline,
                    folders=folders, when_ready=lambda: say("allpoints", "ready")).run())
"""


class Family:
    """A supervisor in its own process, its children, and what they noted."""

    def __init__(self, notes: Path, children: tuple[str, ...]) -> None:
        self.notes = notes
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(notes), CHILD, *children],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def pids(self, name: str, but: frozenset[int] = frozenset()) -> list[int]:
        """The process ids of a child and its grandchild, once noted and other than ``but``."""

        def noted() -> list[int] | None:
            path = self.notes / name
            pids = [int(word) for word in path.read_text().split()] if path.exists() else []
            return pids if pids and not but & set(pids) else None

        return eventually(noted, seconds=15)

    def note(self, name: str) -> ProcessNote:
        """What the supervisor notes of a child."""
        notes = read_processes(Folders(self.notes, self.notes / "memory"))
        assert notes is not None
        assert notes.supervisor == self.process.pid
        return next(note for note in notes.processes if note.name == name)

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


def eventually(look: Callable[[], T | None], seconds: float) -> T:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.02)
    pytest.fail(f"did not come about within {seconds} s")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def all_gone(pids: list[int]) -> bool | None:
    return True if not any(alive(pid) for pid in pids) else None


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Family]]:
    families: list[Family] = []

    def start(*children: str) -> Family:
        families.append(Family(tmp_path, children))
        return families[-1]

    yield start
    for family in families:
        family.process.kill()
        family.process.communicate()


def test_when_the_supervisor_is_killed_children_and_grandchildren_end_within_two_seconds(
    start: Callable[..., Family],
) -> None:
    family = start("web:orderly", "stage:stubborn")
    pids = family.pids("web") + family.pids("stage")
    assert all(alive(pid) for pid in pids)
    family.process.kill()
    eventually(lambda: all_gone(pids), seconds=2)


def test_a_killed_child_starts_again_and_its_sibling_is_left_alone(start: Callable[..., Family]) -> None:
    family = start("web:orderly", "stage:orderly")
    web, stage = family.pids("web"), family.pids("stage")
    os.kill(web[0], signal.SIGKILL)
    again = family.pids("web", but=frozenset(web))
    eventually(lambda: all_gone(web), seconds=2)
    assert all(alive(pid) for pid in (*again, *stage))
    family.process.terminate()
    _, out, _ = family.end()
    assert "web: was ended by signal 9 (Killed); it starts again" in out
    assert "web: started again" in out
    assert out.count("stage: started") == 1


def test_what_a_killed_child_started_carelessly_ends_too(start: Callable[..., Family]) -> None:
    family = start("web:careless")
    web = family.pids("web")
    os.kill(web[0], signal.SIGKILL)
    eventually(lambda: all_gone(web), seconds=2)


def test_on_sigterm_children_end_in_order(start: Callable[..., Family], tmp_path: Path) -> None:
    family = start("web:orderly")
    pids = family.pids("web")
    family.process.terminate()
    code, out, _ = family.end()
    assert code == 0
    assert (tmp_path / "web.orderly").exists()
    assert not any(alive(pid) for pid in pids)
    assert out.splitlines()[-2:] == ["allpoints: stopping", "allpoints: stopped"]
    assert "allpoints: ready" in out


def test_a_child_that_does_not_stop_is_ended_with_all_it_started(start: Callable[..., Family]) -> None:
    family = start("stage:stubborn")
    pids = family.pids("stage")
    family.process.terminate()
    code, out, _ = family.end()
    assert code == 0
    assert "stage: did not stop in time and was ended" in out
    assert not any(alive(pid) for pid in pids)


def test_a_second_signal_does_not_wait_for_the_deadline_and_an_echo_of_the_first_does(
    start: Callable[..., Family], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINE", "60")
    family = start("stage:stubborn")
    pids = family.pids("stage")
    family.process.terminate()
    family.process.send_signal(signal.SIGHUP)
    time.sleep(1.2)
    assert all(alive(pid) for pid in pids)
    family.process.send_signal(signal.SIGINT)
    assert family.end()[0] == 0
    assert not any(alive(pid) for pid in pids)


def test_a_child_that_refuses_to_start_ends_the_whole_with_its_sentence(start: Callable[..., Family]) -> None:
    family = start("web:orderly", "stage:refuses")
    code, out, err = family.end()
    assert code == 2
    assert err == "This cannot be.\n"
    assert "starts again" not in out


def test_a_child_whose_loop_falls_silent_is_ended_with_all_it_started_and_starts_again(
    start: Callable[..., Family],
) -> None:
    family = start("stage:hangs", "web:orderly")
    stage, web = family.pids("stage"), family.pids("web")
    began = time.monotonic()
    again = family.pids("stage", but=frozenset(stage))
    assert time.monotonic() - began < 3  # it hangs 0.25 s after its start, and 0.5 s later that is noticed
    assert not any(alive(pid) for pid in stage)
    assert all(alive(pid) for pid in (*again, *web))
    note = family.note("stage")
    assert (note.pid, note.starts >= 2) == (again[0], True)
    assert "did not answer" in note.last_end
    assert note.ended_at is not None
    assert family.note("web").starts == 1
    family.process.terminate()
    assert "stage: did not answer for 0." in family.end()[1]


def test_a_stopped_child_is_ended_also_while_it_starts(start: Callable[..., Family]) -> None:
    family = start("stage:starts slowly")
    notes = family.notes / "memory" / "processes.json"
    first = eventually(lambda: family.note("stage").pid if notes.exists() else None, 10)
    os.kill(first, signal.SIGSTOP)
    eventually(lambda: True if family.note("stage").starts == 2 else None, 3)
    family.pids("stage")
    eventually(lambda: True if family.note("stage").is_ready else None, 3)


def test_a_child_that_computes_or_starts_slowly_is_left_alone(start: Callable[..., Family]) -> None:
    family = start("stage:computes", "web:starts slowly")
    stage = family.pids("stage")
    time.sleep(1.2)  # more than twice the limit
    (family.notes / "enough").touch()
    web = family.pids("web")
    time.sleep(0.7)
    assert all(alive(pid) for pid in (*stage, *web))
    family.process.terminate()
    assert "did not answer" not in family.end()[1]


def test_a_supervisor_that_was_itself_stopped_ends_nobody_for_it(start: Callable[..., Family]) -> None:
    family = start("stage:starts slowly")
    stage = family.pids("stage")
    family.process.send_signal(signal.SIGSTOP)
    time.sleep(1.2)
    family.process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    assert alive(stage[0])
    family.process.terminate()
    assert "did not answer" not in family.end()[1]
