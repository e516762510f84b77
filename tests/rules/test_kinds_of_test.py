"""tests/conftest.py, tried on small test runs of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

OFFENCES = {
    "sleeps": "import time; time.sleep(0.01)",
    "connects": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "starts_a_child": "import subprocess; subprocess.run(['true'])",
    "sleeps_in_a_loop": "import asyncio; asyncio.run(asyncio.sleep(0.01))",
    "hides_it": "import contextlib, time\n    with contextlib.suppress(BaseException): time.sleep(0.01)",
}


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((Path(__file__).parents[1] / "conftest.py").read_text())
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", str(folder)],
        capture_output=True, text=True, cwd=folder, check=False,
    )


def test_a_unit_test_that_touches_the_world_fails(tmp_path: Path) -> None:
    (tmp_path / "unit").mkdir()
    (tmp_path / "unit" / "test_offences.py").write_text(
        "".join(f"def test_{name}():\n    {body}\n" for name, body in OFFENCES.items())
        + "def test_pure():\n    assert 1 + 1 == 2\n"
    )
    run = run_pytest(tmp_path)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert set(re.findall(r"(?:FAILED|ERROR) \S+::test_(\w+)", run.stdout)) == set(OFFENCES)


def test_a_test_of_another_kind_may_touch_the_world(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "test_sleep.py").write_text("import time\ndef test_it():\n    time.sleep(0.001)\n")
    assert run_pytest(tmp_path).returncode == pytest.ExitCode.OK


@pytest.mark.parametrize("place", ["test_stray.py", "somewhere/test_stray.py"])
def test_a_test_file_without_a_kind_does_not_collect(tmp_path: Path, place: str) -> None:
    stray = tmp_path / place
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("def test_it():\n    pass\n")
    run = run_pytest(tmp_path)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "has no kind. Move it beneath one of tests/{unit," in run.stdout
