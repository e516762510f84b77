"""A gathering on a disk of its own that is filled to the last byte, without descriptors, with its clock set."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from tests.stand_ins.serving import Serving, allpoints, eventually

from allpoints.app.drill.watching import Watcher
from allpoints.app.faults.shortage import fill, lowered
from allpoints.kernel.clock import SHIFT_VARIABLE, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.stage.journal import read_lines
from allpoints.web.server import HEAD_SECONDS

SOUND = "a64"
DISK = 'mount -t tmpfs -o size=24m,mode=0700 tmpfs "$0" && exec "$@"'
HANGING_DISK = 'mkfs.ext4 -q "$0.img" 64m && mount -o loop "$0.img" "$0" && exec "$@"'
"""A disk that can be made to hang: whoever writes to it waits until it is thawed."""

pytestmark = pytest.mark.timeout(240)


class Gathering:
    """``allpoints serve`` whose data folder is a disk of its own, which it alone sees; viewers and crew in front."""

    def __init__(self, place: Path, mount: str = DISK, **environment: str) -> None:
        disk = place / "data"
        disk.mkdir()
        own = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))
        self.folders = Folders.beneath(disk)
        self.serving = Serving(
            place, within=(*own, "sh", "-c", mount, str(disk)), options=("--data", str(disk), "--ladder", "audio"),
            environment=environment,
        )
        self.disk = Path(f"/proc/{self.serving.process.pid}/root{disk}")
        self.watcher = Watcher(("127.0.0.1", self.serving.port), [SOUND], SystemClock())
        self.secret = ""
        self._crew: list[httpx.Client] = []

    def start(self) -> None:
        self.secret = self.serving.wait_for(r"secret +(\S+)").group(1)
        self.serving.wait_for("RTMP to")
        self.watcher.start()
        self.moves_on(4)

    @property
    def journal(self) -> Path:
        return self.disk / self.folders.journal.relative_to(self.folders.data)

    def pid(self, name: str) -> int:
        return self.serving.family()[name]

    def moves_on(self, segments: int, seconds: float = 60) -> None:
        """Wait until so many more segments have come."""
        wanted = self.watcher.newest() + segments
        eventually(lambda: True if self.watcher.newest() >= wanted else None, seconds)

    def crew(self) -> httpx.Client:
        """Somebody who signs in by the form."""
        client = httpx.Client(base_url=f"http://127.0.0.1:{self.serving.port}", timeout=5, trust_env=False)
        self._crew.append(client)
        answer = client.post("/control/sign-in", data={"secret": self.secret, "name": "Ada"})
        assert answer.status_code == 303, answer.text
        page = client.get("/control").text
        client.headers["x-csrf-token"] = page.split('data-csrf="')[1].split('"')[0]
        return client

    def stop(self) -> None:
        for client in self._crew:
            client.close()
        if self.secret:
            self.watcher.stop()
        with suppress(Exception):
            self.serving.end()
        self.serving.kill()


def take_slate(client: httpx.Client) -> str:
    """Cue the slate and take it; answers with the airing. Nothing of it waits for a disk."""
    began = time.monotonic()
    assert client.post("/api/control/cue", json={"source": "slate"}).status_code == 200
    answer = client.post("/api/control/take", json={})
    assert answer.status_code == 200, answer.text
    assert time.monotonic() - began < 4
    airing: str = answer.json()["airing"]
    return airing


@pytest.fixture(scope="module")
def gathering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathering]:
    place = tmp_path_factory.mktemp("hardship")
    assert allpoints("init", cwd=place).returncode == 0
    gathering = Gathering(place)
    try:
        gathering.start()
        yield gathering
    finally:
        gathering.stop()
        shutil.rmtree(gathering.folders.memory, ignore_errors=True)


def test_a_full_disk_stops_no_stream_no_take_and_no_page(gathering: Gathering) -> None:
    watcher, serving = gathering.watcher, gathering.serving
    began, newest = time.monotonic(), watcher.newest()
    before = gathering.crew()
    ballast = gathering.disk / "ballast"
    fill(ballast)
    after = gathering.crew()
    taken = []
    for crew in (before, after, before, after, before, after):  # enough to use up the journal's last page
        taken.append(take_slate(crew))
        time.sleep(1.1)
    for path in ("/", "/watch", "/control", "/schedule"):
        assert after.get(path).status_code == 200
    serving.wait_for("The disk does not take the journal", 30)
    assert not {line.get("airing") for line in read_lines(gathering.journal)} >= set(taken)
    gathering.moves_on(2)
    gotten = watcher.since(began, newest, frozenset())
    assert (gotten.hole, gotten.changed, gotten.went_back) == (0, [], False)
    ballast.unlink()
    serving.wait_for("The journal is written again; no lines are lost")
    lines = list(read_lines(gathering.journal))
    on_air = [line["airing"] for line in lines if line.get("state") == "on_air"]
    assert [airing for airing in on_air if airing in taken] == taken
    assert len({str(line) for line in lines}) == len(lines), "nothing twice"
    assert [line["tick"] for line in lines] == sorted(line["tick"] for line in lines)
    assert after.get("/control").status_code == 200


def test_a_stage_killed_while_the_disk_is_full_starts_again_and_uses_no_name_twice(gathering: Gathering) -> None:
    watcher, serving = gathering.watcher, gathering.serving
    ballast = gathering.disk / "ballast"
    fill(ballast)
    gathering.moves_on(1)
    began, newest = time.monotonic(), watcher.newest()
    os.kill(gathering.pid("stage"), signal.SIGKILL)
    serving.wait_for("stage +started again")
    gathering.moves_on(3)
    os.kill(gathering.pid("web"), signal.SIGKILL)
    serving.wait_for("web +started again")
    gathering.moves_on(2)
    gotten = watcher.since(began, newest, frozenset())
    assert (gotten.changed, gotten.went_back) == ([], False)
    assert 0 < gotten.hole <= 6, "announced; more than two where the machine is busy"
    gathering.crew().get("/control").raise_for_status()
    ballast.unlink()


def test_silent_connections_that_take_all_descriptors_are_hung_up_on(gathering: Gathering) -> None:
    web, address = gathering.pid("web"), ("127.0.0.1", gathering.serving.port)
    used = len(os.listdir(f"/proc/{web}/fd"))  # noqa: PTH208
    flood: list[socket.socket] = []
    try:
        with lowered(web, resource.RLIMIT_NOFILE, used + 30):
            for number in range(150):
                flood.append(socket.create_connection(address, timeout=5))
                if number % 2:
                    flood[-1].send(b"GET / HT")
            began = time.monotonic()
            eventually(lambda: page_answers(gathering), 4 * HEAD_SECONDS + 20)
            print(f"answered after {time.monotonic() - began:.1f} s")
            eventually(lambda: True if all(map(is_hung_up, flood)) else None, 4 * HEAD_SECONDS + 20)
            assert gathering.pid("web") == web
    finally:
        for connection in flood:
            connection.close()
    gathering.moves_on(2)


def page_answers(gathering: Gathering) -> bool | None:
    try:
        httpx.get(f"http://127.0.0.1:{gathering.serving.port}/watch", timeout=1, trust_env=False).raise_for_status()
    except httpx.HTTPError:
        return None
    return True


def is_hung_up(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def test_a_stage_without_descriptors_goes_on_once_it_has_some_and_loses_nothing(gathering: Gathering) -> None:
    watcher, stage = gathering.watcher, gathering.pid("stage")
    gathering.moves_on(1)
    began, newest = time.monotonic(), watcher.newest()
    with lowered(stage, resource.RLIMIT_NOFILE, 3):
        gathering.serving.wait_for("The memory folder takes nothing", 20)
        time.sleep(5)
    gathering.serving.wait_for("The memory folder takes segments again", 20)
    gathering.moves_on(3)
    gotten = watcher.since(began, newest, frozenset())
    assert (gotten.hole, gotten.changed, gotten.went_back) == (0, [], False)
    assert gathering.pid("stage") == stage


@contextmanager
def frozen(disk: Path) -> Iterator[None]:
    """While it lasts, every write to the disk waits, and nobody who waits can be killed."""
    subprocess.run(["fsfreeze", "--freeze", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["fsfreeze", "--unfreeze", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/loop-control").exists(),
                    reason="only root may mount a disk of one's own and freeze it")
def test_a_disk_that_hangs_or_is_slow_stops_no_stream_no_take_and_no_page(tmp_path: Path) -> None:
    assert allpoints("init", cwd=tmp_path).returncode == 0
    gathering = Gathering(tmp_path, HANGING_DISK)
    try:
        gathering.start()
        watcher, crew, family = gathering.watcher, gathering.crew(), gathering.serving.family()
        began, newest = time.monotonic(), watcher.newest()
        taken = []
        with frozen(gathering.disk):
            for _ in range(4):
                taken.append(take_slate(crew))
                time.sleep(1.5)
            for path in ("/", "/watch", "/control", "/schedule", "/status"):
                assert crew.get(path).status_code == 200, path
            gathering.moves_on(2)
        for _ in range(6):  # every write now takes up to half a second
            with frozen(gathering.disk):
                taken.append(take_slate(crew))
                time.sleep(0.5)
            time.sleep(0.6)
        gathering.moves_on(2)
        gotten = watcher.since(began, newest, frozenset())
        assert (gotten.hole, gotten.changed, gotten.went_back) == (0, [], False)
        assert gathering.serving.family() == family, "nobody was taken for dead"
        lines = list(read_lines(gathering.journal))
        assert [line["airing"] for line in lines if line.get("state") == "on_air"][-len(taken):] == taken
        assert len({str(line) for line in lines}) == len(lines), "nothing twice"
    finally:
        gathering.stop()


def test_a_clock_that_is_set_moves_nothing_that_is_on_air(tmp_path: Path) -> None:
    """Forward and back by minutes and days, while all run, while the stage is dead, and for the web alone."""
    offset = tmp_path / "offset"
    assert allpoints("init", cwd=tmp_path).returncode == 0
    gathering = Gathering(tmp_path, **{SHIFT_VARIABLE: str(offset)})
    try:
        gathering.start()
        watcher, crew = gathering.watcher, gathering.crew()
        began, newest = time.monotonic(), watcher.newest()
        for seconds in (180, -180, 2 * 86_400, -2 * 86_400):
            offset.write_text(f"{seconds:+d}")
            gathering.moves_on(1)
            time.sleep(1.1)
            take_slate(crew)
            assert crew.get("/watch").status_code == 200
        gotten = watcher.since(began, newest, frozenset())
        assert (gotten.hole, gotten.changed, gotten.went_back) == (0, [], False)

        for seconds in (-3600, 1800):
            os.kill(gathering.pid("stage"), signal.SIGKILL)
            offset.write_text(f"{seconds:+d}")
            gathering.serving.wait_for("stage +started again")
            gathering.moves_on(2)
        gotten = watcher.since(began, newest, frozenset())
        assert (gotten.changed, gotten.went_back) == ([], False)
        assert crew.get("/control").status_code == 200, "nobody is signed out"
    finally:
        gathering.stop()
        shutil.rmtree(gathering.folders.memory, ignore_errors=True)
