"""The released program sent to receivers outside: the healthy ones lose nothing, whatever the others do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from tests.stand_ins.assembly import assembly
from tests.stand_ins.receivers import Taken, ffmpeg_listener, nginx_recorder, released_contents, taken
from tests.stand_ins.serving import eventually

from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.publish.simulcast import ReceiverState, read_report
from allpoints.schedule.model import Localized, Receiver, ReceiverRef
from allpoints.schedule.store import seed_once

SOON = 60.0
LEAST_FRAMES = 300


@contextmanager
def running(*words: str, folders: Folders) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"ALLPOINTS_LADDER": "small", "ALLPOINTS_DATA": str(folders.data)}
    process = subprocess.Popen([sys.executable, "-m", *words], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def receiver(ref: str, url: str, key: str | None = None) -> Receiver:
    return Receiver(ReceiverRef(ref), Localized({"en": ref}), url, key)


def state_of(folders: Folders, ref: str) -> ReceiverState | None:
    report = read_report(folders)
    return next((each for each in report.receivers if each.receiver == ref), None) if report else None


def sends(folders: Folders, ref: str) -> bool | None:
    state = state_of(folders, ref)
    return True if state and state.state == "sending" and state.bytes > 100_000 else None


def stalls(state: ReceiverState | None) -> bool | None:
    """Whether it was found to take nothing, ended and called again. What the kernel buffers goes first."""
    return True if state and state.state == "stalled" and state.retries and state.dropped else None


def is_whole(track: Taken, released: list[str]) -> bool:
    """Whether what was taken is an unbroken stretch of what was released."""
    start = released.index(track.contents[0])
    return released[start : start + len(track.contents)] == track.contents


@pytest.mark.timeout(180)
def test_a_stalled_and_a_refusing_receiver_cost_the_others_no_frame(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    ports = {name: free_port() for name in ("ffmpeg", "nginx", "stalling", "srt", "closed")}
    gathering = replace(assembly(datetime.now(UTC)), days=[], receivers=[
        receiver("ffmpeg", f"rtmp://127.0.0.1:{ports['ffmpeg']}/live", "lamp"),
        receiver("nginx", f"rtmp://127.0.0.1:{ports['nginx']}/live", "beacon"),
        receiver("stalling", f"rtmp://127.0.0.1:{ports['stalling']}/live/fog"),
        receiver("srt", f"srt://127.0.0.1:{ports['srt']}", "horn"),
        receiver("wrong-key", f"rtmp://127.0.0.1:{ports['nginx']}/live", "wrong-beacon"),
        receiver("closed", f"rtmp://127.0.0.1:{ports['closed']}/live", "nobody"),
    ])
    with closing(open_storage(folders)) as storage:
        seed_once(storage, gathering, datetime.now(UTC))

    with ExitStack() as stack:
        rtmp, srt = tmp_path / "rtmp.flv", tmp_path / "srt.ts"
        stack.enter_context(ffmpeg_listener(f"rtmp://127.0.0.1:{ports['ffmpeg']}/live/lamp", rtmp))
        stack.enter_context(ffmpeg_listener(f"srt://127.0.0.1:{ports['srt']}?mode=listener", srt))
        stack.enter_context(nginx_recorder(ports["nginx"], tmp_path / "nginx", key="beacon"))
        stalling = stack.enter_context(
            ffmpeg_listener(f"rtmp://127.0.0.1:{ports['stalling']}/live/fog", tmp_path / "stalling.flv"))
        stack.enter_context(running("tests.stand_ins.broadcast", str(folders.data), folders=folders))
        simulcast = stack.enter_context(running("allpoints", "simulcast", folders=folders))

        for ref in ("ffmpeg", "nginx", "srt", "stalling"):
            eventually(partial(sends, folders, ref), SOON)
        stalling.send_signal(signal.SIGSTOP)
        eventually(lambda: stalls(state_of(folders, "stalling")), 90)
        simulcast.terminate()
        simulcast.wait(10)
        for ref in ("ffmpeg", "nginx", "srt"):
            state = state_of(folders, ref)
            assert state
            assert (state.state, state.retries, state.dropped) == ("sending", 0, 0), state
        for ref in ("wrong-key", "closed"):
            state = state_of(folders, ref)
            assert state
            assert state.state == "refused"
            assert state.retries >= 3
            assert "beacon" not in state.log
            assert "nobody" not in state.log
        recorded = tmp_path / "nginx" / "beacon.flv"
        picture, sound = released_contents(folders, "v480"), released_contents(folders, "a64")
        for file in (rtmp, recorded):
            tracks = taken(file)
            assert tracks["video"].deltas() == {Fraction(1, 25)}
            assert len(tracks["video"].times) > LEAST_FRAMES
            assert is_whole(tracks["video"], picture)
            assert is_whole(tracks["audio"], sound)
        tracks = taken(srt)
        assert tracks["video"].deltas() == {Fraction(1, 25)}
        step, millisecond = Fraction(1024, 48000), Fraction(1, 1000)  # in which FLV, on the way, tells time
        assert all(abs(delta - step) <= millisecond for delta in tracks["audio"].deltas())
        assert len(tracks["video"].times) > LEAST_FRAMES
