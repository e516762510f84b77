"""The endless sound, listened to as radios do."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from tests.stand_ins.serving import Serving, allpoints, eventually

from allpoints.kernel.folders import Folders
from allpoints.publish.demuxed import demuxed
from allpoints.publish.endless import adts
from allpoints.publish.released import released_segments
from allpoints.web.listen import TITLE_EVERY

SOON = 60.0
FRAME_SECONDS = 1024 / 48_000


@dataclass(frozen=True)
class Radio:
    """A gathering on air, and who listens to it."""

    serving: Serving
    folders: Folders

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.serving.port}{path}"

    def hears(self, frames: int, path: str = "/listen.aac") -> Iterator[bytes]:
        """Listen until so many whole frames came."""
        heard = b""
        with httpx.stream("GET", self.address(path), timeout=30, trust_env=False) as answer:
            for piece in answer.iter_raw():
                heard += piece
                yield piece
                if len(frames_of(heard)) >= frames:
                    return


@pytest.fixture(scope="module")
def radio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radio]:
    place = tmp_path_factory.mktemp("listen")
    assert allpoints("init", cwd=place).returncode == 0
    radio = Radio(Serving(place, options=("--ladder", "audio", "--data", str(place / "data"))),
                  Folders.beneath(place / "data"))
    try:
        radio.serving.wait_for("RTMP to")
        eventually(lambda: len(released_segments(radio.folders, "a64")) > 3 or None, SOON)
        yield radio
    finally:
        radio.serving.kill()


def frames_of(stream: bytes) -> list[bytes]:
    """The whole ADTS frames of a stream; fails where something else lies between them."""
    found, at = [], 0
    while at + 7 <= len(stream):
        assert stream[at] == 0xFF
        assert stream[at + 1] & 0xF6 == 0xF0
        length = (stream[at + 3] & 3) << 11 | stream[at + 4] << 3 | stream[at + 5] >> 5
        found.append(stream[at:at + length])
        at += length
    return found


def test_ffmpeg_decodes_it_without_an_error(radio: Radio) -> None:
    began = time.monotonic()
    done = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", radio.address("/listen.aac"), "-t", "12",
         "-f", "s16le", "-"], capture_output=True, timeout=60, check=True,
    )
    assert done.stderr == b""
    assert abs(len(done.stdout) / (48_000 * 2 * 2) - 12) < 0.1
    assert time.monotonic() - began > 2, "the first seconds come at once, the rest as it is released"


def test_it_is_what_was_released_and_goes_on_behind_a_dead_stage(radio: Radio) -> None:
    stage = radio.serving.family()["stage"]
    heard = b""
    for piece in radio.hears(round(16 / FRAME_SECONDS)):
        if not heard:
            os.kill(stage, signal.SIGKILL)
        heard += piece
    assert radio.serving.family()["stage"] != stage
    known = b"".join(adts(demuxed(each)) for each in released_segments(radio.folders, "a64"))
    assert b"".join(frames_of(heard)[:-1]) in known


def test_who_asks_for_titles_is_told_where_they_lie_and_nobody_is_noted(radio: Radio) -> None:
    headers, address = {"Icy-MetaData": "1", "User-Agent": "CanaryRadio/7"}, radio.address("/listen/a32.aac")
    with httpx.stream("GET", address, headers=headers, timeout=30, trust_env=False) as answer:
        assert next(answer.iter_raw())
        told = answer.headers
    assert (told["icy-metaint"], told["icy-br"], told["content-type"]) == (str(TITLE_EVERY), "32", "audio/aac")
    assert not [path for path in radio.folders.log.glob("*") if b"CanaryRadio" in path.read_bytes()]


def test_what_is_not_made_is_refused_with_a_sentence(radio: Radio) -> None:
    answer = httpx.get(radio.address("/listen/opus16.aac"), headers={"Accept-Language": "fa"}, trust_env=False)
    assert answer.status_code == 404
    assert "/listen.aac" in answer.text


def test_many_come_and_go(radio: Radio) -> None:
    with ExitStack() as stack, httpx.Client(timeout=30, trust_env=False) as client:
        answers = [stack.enter_context(client.stream("GET", radio.address("/listen.aac"))) for _ in range(40)]
        firsts = {next(answer.iter_raw()) for answer in answers}
    assert len(firsts) <= 3, "all are given the same"
    assert sum(map(len, radio.hears(10))) > 0
