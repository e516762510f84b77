"""Holds the drill's gathering, and starts its supervisor again when it dies, as systemd would."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from allpoints.app.addresses import pages_answer, reached_at
from allpoints.app.drill.gathering import make_clips
from allpoints.app.faults.house import House
from allpoints.app.faults.looking import followed
from allpoints.app.faults.sight import position
from allpoints.app.plan import plan_of
from allpoints.app.ports import a_free_port
from allpoints.app.small_disk import mount_small_disk
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.supervision import start_child

DATA, MEMORY = 512 << 20, 192 << 20
"""Bytes of the drill's own disks: both can be filled in a moment."""

START_PATIENCE = 90.0
RESTART_AFTER = 0.2
FIRST_SEGMENTS = 5
LAST_LINES = 30


class DrillCannotStart(AllpointsError):
    """The drill's gathering did not go on air."""

    code = "drill_cannot_start"
    status = 500
    for_people = "The drill's own gathering did not go on air: {reason}. Run “allpoints doctor”, then try again."


class Keeper:
    """Starts the supervisor again and again until it is told to stop. Its thread lives as long as its children."""

    def __init__(self, environment: dict[str, str], clock: Clock, *, with_panel: bool) -> None:
        self._arguments = [sys.executable, "-m", "allpoints.app.drill.gathering", *(["panel"] if with_panel else [])]
        self._environment = environment
        self._clock = clock
        self._stopping = threading.Event()
        self._running: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self.lines: deque[str] = deque(maxlen=LAST_LINES)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the gathering in order."""
        self._stopping.set()
        if self._running is not None:
            self._running.terminate()
        self._thread.join(20.0)

    def _run(self) -> None:
        while not self._stopping.is_set():
            with start_child(
                self._arguments, environment=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                own_group=True,
            ) as child:
                self._running = child
                if self._stopping.is_set():
                    child.terminate()
                assert child.stdout is not None
                for line in child.stdout:
                    self.lines.append(line.decode("utf-8", "replace").rstrip())
            self._stopping.wait(RESTART_AFTER)


@contextmanager
def kept_gathering(
    folder: Path, clock: Clock, *, ladder: str = "small", with_panel: bool = False, has_own_mounts: bool = True,
    data_bytes: int = DATA, make: Callable[[Folders], None] = make_clips,
) -> Iterator[tuple[House, Settings]]:
    """Hold the drill's gathering beneath ``folder``, on air, until the end. Raises DrillCannotStart.

    With ``has_own_mounts`` (after ``enter_own_mounts``) its data and memory lie on small disks of their own.
    ``make`` makes its clips.
    """
    data, memory = folder / "data", folder / "memory"
    memory.mkdir(parents=True)
    if has_own_mounts:
        mount_small_disk(data, data_bytes)
        mount_small_disk(memory, MEMORY)
    settings = Settings.read({
        "data": str(data), "port": str(a_free_port()), "rtmp_port": str(a_free_port()), "ladder": ladder,
        "low_latency": "on",
    })
    folders = Folders.beneath(data, memory)
    folders.make()
    make(folders)
    environment = os.environ | settings.as_environment() | {"ALLPOINTS_MEMORY": str(memory)}
    keeper = Keeper(environment, clock, with_panel=with_panel)
    keeper.start()
    try:
        _wait_for_air(folders, settings, clock, keeper)
        gathering = plan_of(folders, lambda _: None)
        yield House(folders, gathering, clock, (reached_at(settings.host), settings.port), is_kept=True), settings
    finally:
        keeper.stop()


def _wait_for_air(folders: Folders, settings: Settings, clock: Clock, keeper: Keeper) -> None:
    give_up_at = clock.monotonic() + START_PATIENCE
    while not (_is_on_air(folders) and pages_answer(settings)):
        if clock.monotonic() > give_up_at:
            raise DrillCannotStart(reason=" / ".join(list(keeper.lines)[-3:]) or "it said nothing")
        clock.sleep(0.3)


def _is_on_air(folders: Folders) -> bool:
    try:
        playlist = followed(folders)
    except OSError:
        return False
    last, gaps = position(playlist)
    return last >= 0 and playlist.count("#EXTINF") - len(gaps) >= FIRST_SEGMENTS
