"""What every test gets: its kind, which is its folder; the kind's time limit; for unit tests a guard."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Kind:
    """``seconds``: how long one test may take unless it says otherwise with ``pytest.mark.timeout``."""

    name: str
    seconds: int
    meaning: str


KINDS = {
    kind.name: kind
    for kind in (  # the order in which they run: what fails fastest comes first
        Kind("unit", 60, "pure rules: no sleep, no socket, no child process, no mock"),
        Kind("rules", 180, "the rules of the house: imports, words, settings, docs"),
        Kind("room", 120, "one room, its neighbours faked, its clock in the test's hand"),
        Kind("safety", 240, "a promise to people, checked"),
        Kind("flow", 240, "several rooms or processes joined"),
        Kind("media", 300, "real codecs on small clips"),
        Kind("browser", 300, "a real browser on the real pages"),
        Kind("scale", 1800, "as many as the mission has; only in `make prove`"),
        Kind("soak", 3600, "hours and machines made short; only in `make prove`"),
    )
}

IMPURE = frozenset({
    "socket.connect", "socket.bind", "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn",
})
"""Audit events of the interpreter that no unit test may raise."""


def kind_of(path: Path) -> Kind | None:
    """The kind of the test file at ``path``; None when it lies in no kind's folder."""
    return KINDS.get(path.relative_to(TESTS).parts[0])


def pytest_configure(config: pytest.Config) -> None:
    # A busy machine is no failure: the kind's limit is enough.
    settings.register_profile("allpoints", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("allpoints")
    config.addinivalue_line("markers", "alone: measures time as people feel it, so nothing else may run beside it")
    for kind in KINDS.values():
        config.addinivalue_line("markers", f"{kind.name}: {kind.meaning}")


def pytest_collect_file(file_path: Path) -> None:
    """Refuse a test file without a kind. Returns None: collecting stays pytest's own work."""
    if file_path.name.startswith("test_") and file_path.suffix == ".py" and kind_of(file_path) is None:
        raise pytest.UsageError(
            f"{file_path} has no kind. Move it beneath one of tests/{{{','.join(KINDS)}}}/: the folder is the kind."
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = list(KINDS.values())
    places = {}
    for item in items:
        kind = kind_of(item.path)
        assert kind is not None, f"{item.path} has no kind"
        places[item] = order.index(kind)
        item.add_marker(kind.name)
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(kind.seconds))
    items.sort(key=places.__getitem__)


class _Guard:
    """Listens to the interpreter's audit events while a unit test runs on this thread."""

    def __init__(self) -> None:
        self.watched: threading.Thread | None = None
        self.refused: list[str] = []

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in IMPURE:
            self.refuse(event)

    def refuse(self, what: str) -> None:
        if threading.current_thread() is self.watched:
            self.refused.append(what)
            raise AssertionError(f"a unit test must not use {what}: hand in a clock or a fake")


@pytest.fixture(scope="session")
def _guard() -> _Guard:
    guard = _Guard()
    sys.addaudithook(guard.audit)
    return guard


@pytest.fixture(autouse=True)
def _unit_tests_stay_pure(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if request.node.get_closest_marker("unit") is None:
        yield
        return
    guard: _Guard = request.getfixturevalue("_guard")
    asyncio_sleep: Callable[..., Any] = asyncio.sleep

    async def yield_only(delay: float, *result: Any) -> Any:
        if delay > 0:
            guard.refuse("asyncio.sleep")
        return await asyncio_sleep(0, *result)

    # Before Python 3.13 sleeping raises no audit event.
    monkeypatch.setattr(time, "sleep", lambda seconds: guard.refuse("time.sleep"))
    monkeypatch.setattr(asyncio, "sleep", yield_only)
    guard.refused.clear()
    guard.watched = threading.current_thread()
    try:
        yield
    finally:
        guard.watched = None
    assert not guard.refused, f"a unit test used {guard.refused} and swallowed the refusal"


@pytest.fixture(scope="session", autouse=True)
def _memory_folder() -> Iterator[None]:
    """Keep the memory folders of tests together, so that none stays behind in the machine's memory."""
    parent = tempfile.mkdtemp(prefix="allpoints-tests-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALLPOINTS_MEMORY", parent)
        yield
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Gives loopback TCP ports that were free a moment ago."""

    def choose() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return choose
