"""Two machines for one gathering: one is lost, comes back, and is handed the air; a viewer behind nginx goes on."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Page
from tests.stand_ins.browsers import chromium
from tests.stand_ins.clips import coloured, make
from tests.stand_ins.gatherings import file_source
from tests.stand_ins.serving import eventually
from tests.stand_ins.two_machines import Machine, Pair, two_machines

from allpoints.publish.air import Role
from allpoints.publish.dumps import decisions
from allpoints.publish.standing import Notes, Standing
from allpoints.stage.protocol import Cue, Take

pytestmark = pytest.mark.alone
LONGEST_LOSS = 10.0
TIME = "document.querySelector('video').currentTime"
STATE = "document.querySelector('#player').dataset.state"


@dataclass
class Viewer:
    """Reads a playlist through the front as a player does, and keeps the hash of every segment it gets."""

    url: str
    hashes: dict[str, str] = field(default_factory=dict)
    first_of: dict[int, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    playlist: str = ""

    def look(self, client: httpx.Client) -> None:
        """Once: what is new is fetched; numbers that go back or a name with other bytes are wrong."""
        try:
            answer = client.get(f"{self.url}/ll.m3u8")
        except httpx.HTTPError:
            return
        if answer.status_code != httpx.codes.OK:
            return
        for tag in ("MEDIA-SEQUENCE", "DISCONTINUITY-SEQUENCE"):
            if number(tag, answer.text) < number(tag, self.playlist):
                self.wrong.append(f"{tag} went back")
        self.playlist = answer.text
        for part in re.findall(r'#EXT-X-PART:.*?URI="([^"]+)"', answer.text):
            if generation_of(part) > self.latest:
                self.note_part(client, part)
        listed = re.findall(r"EXTINF:[^\n]*\n(g\S+)", answer.text.replace("#EXT-X-GAP\n#EXTINF", "hole"))
        # What is new, as a player does, and one that it had: all each time would wait for the lost machine each time.
        again = [secrets.choice(known)] if (known := [name for name in listed if name in self.hashes]) else []
        for name in [*(name for name in reversed(listed) if name not in self.hashes), *again]:
            try:
                got = client.get(f"{self.url}/{name}")
            except httpx.HTTPError:
                continue
            if got.status_code == httpx.codes.OK:
                self.first_of.setdefault(generation_of(name), time.monotonic())
                digest = hashlib.sha256(got.content).hexdigest()
                if self.hashes.setdefault(name, digest) != digest:
                    self.wrong.append(f"{name} has other bytes")

    def note_part(self, client: httpx.Client, name: str) -> None:
        """The first part of a new generation; one that is listed and not to be had is wrong."""
        try:
            got = client.get(f"{self.url}/{name}")
        except httpx.HTTPError:
            return
        if got.status_code == httpx.codes.OK:
            self.first_of[generation_of(name)] = time.monotonic()
        else:
            self.wrong.append(f"{name} is listed and answers {got.status_code}")

    @property
    def latest(self) -> int:
        """The highest generation that it got anything of."""
        return max(self.first_of, default=0)


@contextmanager
def viewing(url: str) -> Iterator[Viewer]:
    """A viewer on a thread of its own."""
    viewer, ending = Viewer(url), threading.Event()

    def look_on() -> None:
        with httpx.Client(timeout=6) as client:
            while not ending.wait(0.3):
                viewer.look(client)

    thread = threading.Thread(target=look_on)
    thread.start()
    try:
        yield viewer
    finally:
        ending.set()
        thread.join()


def plays_on(page: Page, seconds: float) -> None:
    """Until so much was played in the page as it is; a player may begin anew in it, with a time of its own."""
    began = last = page.evaluate(TIME)
    until = time.monotonic() + 40
    while last - began < seconds:
        assert time.monotonic() < until, page.evaluate(STATE)
        page.wait_for_timeout(100)
        now = page.evaluate(TIME)
        began, last = (began if now >= last else now), now


def joint(playlist: str) -> tuple[int, int] | None:
    """The last segment of the second generation and the first one of the third, once both are listed."""
    listed = [(int(generation), int(number)) for generation, number in
              re.findall(r"^g(\d+)-(\d+)\.m4s$", playlist, re.MULTILINE)]
    ends = [number for generation, number in listed if generation == 2]
    begins = [number for generation, number in listed if generation == 3]
    return (max(ends), min(begins)) if ends and begins else None


def number(tag: str, playlist: str) -> int:
    found = re.search(rf"#EXT-X-{tag}:(\d+)", playlist)
    return int(found[1]) if found else 0


def generation_of(name: str) -> int:
    return int(name[1:].split("-")[0])


def stands_by(machine: Machine, other: Machine) -> bool | None:
    """Whether it stands by, hears the other on air, and has what the other released."""
    standing = Notes(machine.folders).read(Standing)
    is_calm = standing and standing.role is Role.STANDBY and standing.is_peer_heard
    if not is_calm or standing is None or standing.peer_role is not Role.ON_AIR:
        return None
    assert other.air
    return any(machine.folders.public.glob(f"*/g{other.air.generation}-*.m4s")) or None


def put_on_air(machine: Machine, ref: str) -> None:
    assert machine.ask(Cue(source=ref)).ok
    machine.until(lambda report: report.next is not None and report.next.source == ref and report.next.ready)
    assert machine.ask(Take()).ok


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("two")
    make(folder / "calm.mp4", coloured("0x405060", 300, 30))
    film = file_source("calm", folder / "calm.mp4")
    with two_machines(folder, [film], ladder="small", low_latency="on", release_delay="1") as pair:
        eventually(lambda: pair.north.control.exists() or None, 60)
        put_on_air(pair.north, "calm")
        eventually(lambda: stands_by(pair.south, pair.north), 40)
        yield pair


@pytest.mark.timeout(200)
def test_the_second_machine_takes_over_gives_back_and_viewers_need_no_reload(pair: Pair) -> None:
    with chromium() as browser, viewing(f"{pair.front}/live/v240") as viewer:
        page = browser.new_page()
        page.goto(f"{pair.front}/watch")
        page.evaluate("window.notReloaded = true")
        eventually(lambda: page.evaluate(f"{STATE} === 'playing'") or None, 30)
        before = set(viewer.hashes)
        pair.south.command("dump")
        pair.north.until(lambda report: report.on_air.source is None)
        assert decisions(pair.north.folders)[0]
        eventually(lambda: decisions(pair.south.folders)[0] == decisions(pair.north.folders)[0] or None, 5)

        lost_at = time.monotonic()
        pair.lose_north()
        taken_at = eventually(lambda: viewer.first_of.get(2), 30)
        print(f"wires {bool(pair.wires)}; from loss to the first part: {taken_at - lost_at:.1f} s")
        assert taken_at - lost_at <= LONGEST_LOSS
        assert "#EXT-X-GAP" in viewer.playlist
        assert "#EXT-X-DISCONTINUITY\n" in viewer.playlist
        assert before & set(re.findall(r"g1-\S+", viewer.playlist)), "the past of the first machine is not forgotten"

        plays_on(page, 6)

        # The first comes back: where wires were cut it believes to have the air, and is wrong.
        pair.north_comes_back()
        eventually(lambda: stands_by(pair.north, pair.south), 40)
        assert pair.north.air
        assert pair.north.air.generation == 2
        assert viewer.latest == 2

        pair.north.command("standby", "take")
        eventually(lambda: viewer.first_of.get(3), 30)
        left, begun = eventually(lambda: joint(viewer.playlist), 20)
        assert begun == left + 1, "the air was handed over with a hole"
        plays_on(page, 3)
        eventually(lambda: page.evaluate(f"{STATE} === 'playing'") or None, 20)
        assert page.evaluate("window.notReloaded")
        assert not viewer.wrong
        assert all(is_of_one_machine(pair, name, digest) for name, digest in viewer.hashes.items())


def is_of_one_machine(pair: Pair, name: str, digest: str) -> bool:
    """Whether both machines that still have a segment have it with the bytes that viewers got."""
    paths = [machine.folders.public / "v240" / name for machine in (pair.north, pair.south)]
    return all(hashlib.sha256(path.read_bytes()).hexdigest() == digest for path in paths if path.exists())
