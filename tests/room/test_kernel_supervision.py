"""Children never outlive their parent; what keeps dying is started ever more slowly."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.supervision import Backoff, start_child

_PARENT = """
import subprocess, sys
from allpoints.kernel.supervision import start_child
child = start_child([sys.executable, "-c", "import sys; print('alive', flush=True); sys.stdin.read()"],
                    stdin=subprocess.PIPE, stdout=1, pass_fds=())
sys.stdin.read()
"""


def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    # The grandchild holds the pipe open for as long as it lives: the end of the pipe is the end of the grandchild.
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"alive\n"
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
        ready, _, _ = select.select([parent.stdout], [], [], 2)
        assert ready
        assert parent.stdout.read() == b""


def test_a_child_gets_the_files_the_environment_and_the_group_it_is_given() -> None:
    reading, writing = os.pipe()
    code = ("import os, sys\nleads = os.getpgid(0) == os.getpid()\n"
            "os.write(int(sys.argv[1]), f'{os.environ[\"LAMP\"]} {leads}'.encode())")
    child = start_child([sys.executable, "-c", code, str(writing)], pass_fds=[writing], environment={"LAMP": "lit"},
                        own_group=True)
    os.close(writing)
    assert child.wait(20) == 0
    assert os.read(reading, 100) == b"lit True"
    os.close(reading)


def test_what_dies_at_once_is_started_again_ever_more_slowly_up_to_the_limit() -> None:
    backoff = Backoff(first=0.1, limit=1.0)
    delays = []
    for second in range(8):
        backoff.started(float(second))
        delays.append(backoff.next_delay())
    assert delays == [0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]


def test_what_has_lived_long_enough_is_forgiven() -> None:
    backoff = Backoff(calm=30)
    for second in (0, 1, 2):
        backoff.started(second)
        backoff.next_delay()
    backoff.started(33)
    assert backoff.next_delay() == 0


@given(st.lists(st.floats(0, 100), max_size=50))
def test_the_wait_is_never_longer_than_the_limit_nor_less_than_none(lives: list[float]) -> None:
    backoff = Backoff()
    at = 0.0
    for life in lives:
        at += life
        backoff.started(at)
        assert 0 <= backoff.next_delay() <= backoff.limit
