"""Each process of a running gathering killed, hung and starved: it takes up what was, and harms none beside it.

One gathering for all of it, with a film and a live speaker, and a viewer who keeps a hash of every name.
What a browser makes of the same faults is in ``test_faults.py``.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.stand_ins.serving import eventually

from allpoints.app.drill.drill import Drill, held_drill
from allpoints.app.drill.grading import Graded
from allpoints.app.faults import FAULTS
from allpoints.app.faults.fault import Fault, How, Limits
from allpoints.app.faults.house import ON_AIR_CHILD, House
from allpoints.app.faults.looking import followed
from allpoints.app.faults.processes import NoSuchProcess, children, command
from allpoints.app.faults.shortage import Starved
from allpoints.app.faults.sight import position
from allpoints.app.faults.signals import Hung, Killed
from allpoints.kernel.clock import SystemClock
from allpoints.stage.protocol import StageReport

pytestmark = [pytest.mark.alone, pytest.mark.timeout(150)]

TRIES = 2
"""A busy machine only adds to a time: what holds once, holds. Bytes and numbers have one try."""

BESIDE = ("ingest", "recorder", "simulcast")
"""Those whose death no viewer of a film may notice."""


@dataclass(frozen=True)
class Together:
    """Several faults at once."""

    hows: tuple[How, ...]

    def obstacle(self, house: House) -> str:
        return next((why for how in self.hows if (why := how.obstacle(house))), "")

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        with ExitStack() as stack:
            for how in self.hows:
                stack.enter_context(how.caused(house))
            yield


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    with held_drill("small", SystemClock(), has_own_mounts=False) as drill:
        eventually(lambda: True if on_air(drill) else None, 30)
        yield drill


def report(drill: Drill) -> StageReport | None:
    try:
        return drill.house.report()
    except NoSuchProcess:
        return None


def on_air(drill: Drill) -> str | None:
    """The item on air; None on slate and while the stage does not answer."""
    told = report(drill)
    return None if told is None or told.on_air.on_slate else told.on_air.item


def pids(drill: Drill) -> dict[str, int | None]:
    return {name: note.pid for name, note in drill.house.running().items()}


def cause(drill: Drill, how: How, *, lasts: float = 0.0, on_air: Any = "file", **limits: Any) -> Graded:
    """Cause a fault and follow it to its end. Fails where a name got other bytes or numbers went back."""
    fault = Fault("fault", "processes", "", "", "broken", how, lasts=lasts, limits=Limits(**limits), on_air=on_air)
    return never_wrong(drill.cause(fault))


def never_wrong(graded: Graded) -> Graded:
    print(graded.grade, f"new part {graded.new_part} s, hole {graded.hole}, stall {graded.stall} s,",
          f"back {graded.back} s, slate {graded.slate}", *graded.reasons)
    assert graded.back is not None, graded.story
    assert not [reason for reason in graded.reasons if "changed" in reason or "went back" in reason]
    return graded


def restarted(drill: Drill, before: dict[str, int | None]) -> set[str]:
    after = pids(drill)
    assert after.keys() == before.keys()
    return {name for name in before if after[name] != before[name]}


def test_a_killed_stage_is_back_within_three_and_a_half_seconds(drill: Drill) -> None:
    fault = next(fault for fault in FAULTS if fault.code == "kill-stage")
    for _ in range(TRIES):
        before, was, item = pids(drill), report(drill), on_air(drill)
        graded = never_wrong(drill.cause(fault))
        assert restarted(drill, before) == {"stage"}
        told = eventually(lambda: report(drill), 5)
        assert (told.on_air.item, told.on_air.on_slate) == (item, False), "what the journal knew is on air"
        assert was is not None
        assert told.tick > was.tick
        _, announced = position(followed(drill.house.folders))
        assert len(announced) >= graded.hole, "a hole is announced as such"
        assert graded.new_part is not None
        if graded.new_part <= 3.5 and graded.hole <= 2:
            return
    pytest.fail(f"first new part after {graded.new_part} s, a hole of {graded.hole} segments")


def test_a_killed_web_is_no_stall_and_the_stage_does_not_feel_it(drill: Drill) -> None:
    for _ in range(TRIES):
        before = pids(drill)
        graded = cause(drill, Killed("web"))
        assert restarted(drill, before) == {"web"}
        assert not graded.slate
        if graded.stall <= 0.3 and graded.hole == 0:
            return
    pytest.fail(f"a player stood still for {graded.stall} s, a hole of {graded.hole} segments")


def test_who_calls_while_the_web_is_dead_waits_for_the_next_and_is_not_turned_away(drill: Drill) -> None:
    before, address = pids(drill), "http://{}:{}/live/master.m3u8".format(*drill.house.web_address)
    with drill.house.held("web") as web:
        web.send(signal.SIGKILL)
    answers = [httpx.get(address, timeout=10, trust_env=False).status_code for _ in range(20)]
    assert set(answers) == {200}
    assert restarted(drill, before) == {"web"}


@pytest.mark.parametrize(("how", "lasts"), [
    (Together(tuple(map(Killed, BESIDE))), 0.0), (Together(tuple(map(Hung, BESIDE))), 4.0),
], ids=["killed", "hung"])
def test_what_stands_beside_the_program_dies_and_hangs_unnoticed(drill: Drill, how: How, lasts: float) -> None:
    before = pids(drill)
    graded = cause(drill, how, lasts=lasts)
    assert restarted(drill, before) - {"harbour"} == set(BESIDE), "the speaker may call anew or be started again"
    assert (graded.hole, graded.slate) == (0, False)


def test_a_source_whose_child_is_killed_goes_on_in_its_place(drill: Drill) -> None:
    before, item = pids(drill), on_air(drill)
    graded = cause(drill, Killed(ON_AIR_CHILD))
    assert restarted(drill, before) == set()
    assert graded.hole == 0
    assert on_air(drill) == item


def test_none_that_is_starved_of_memory_takes_the_others_along(drill: Drill) -> None:
    names = ("web", "ingest", "recorder")
    before, item = pids(drill), on_air(drill)
    graded = cause(drill, Together(tuple(map(Starved, names))), lasts=3.0)
    assert restarted(drill, before) <= {*names, "harbour"}
    assert graded.hole == 0
    assert on_air(drill) == item


def test_a_starved_stage_goes_on_or_another_takes_its_place(drill: Drill) -> None:
    before, item = pids(drill), on_air(drill)
    graded = cause(drill, Starved("stage"), lasts=3.0)
    assert restarted(drill, before) <= {"stage"}
    assert graded.hole <= 5
    eventually(lambda: True if on_air(drill) == item else None, 15)


def test_a_killed_supervisor_leaves_no_second_stage_and_the_next_starts_all(drill: Drill) -> None:
    before, item = pids(drill), on_air(drill)
    with stages_counted(drill.house) as at_once:
        graded = cause(drill, Killed("supervisor"))
    assert restarted(drill, before) == set(before)
    assert at_once == {0, 1}
    assert graded.new_part is not None
    assert graded.new_part < 30
    eventually(lambda: True if on_air(drill) == item else None, 15)


@contextmanager
def stages_counted(house: House) -> Iterator[set[int]]:
    """How many stages of this data folder there were at once, looked at again and again."""
    seen: set[int] = set()
    ending = threading.Event()
    data = f"ALLPOINTS_DATA={house.folders.data}".encode()

    def count() -> None:
        while not ending.wait(0.05):
            stages = {int(pid) for pid in os.listdir("/proc") if pid.isdigit() and is_stage(int(pid), data)}  # noqa: PTH208
            forked = {child for stage in stages for child in children(stage)}  # and not yet what it will be
            seen.add(len(stages - forked))

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield seen
    finally:
        ending.set()
        thread.join()


def is_stage(pid: int, data: bytes) -> bool:
    if command(pid)[1:4] != ["-m", "allpoints", "stage"]:
        return False
    try:
        return data in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def test_after_all_of_it_every_name_has_the_bytes_it_had_first(drill: Drill) -> None:
    assert len(drill.watcher.known()) > 50
    assert drill.watcher.changed() == []
