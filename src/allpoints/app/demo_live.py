"""The demo's live publisher: waits for its clip and for the ingest, then becomes ffmpeg sending it for ever.

``python -m allpoints.app.demo_live CLIP HOST PORT ADDRESS``
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import imageio_ffmpeg

from allpoints.app.addresses import reached_at, rtmp_address
from allpoints.app.faults.house import SPEAKER
from allpoints.app.supervisor import ChildSpec
from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.settings import Settings

LOOK_EVERY = 0.3


def listens(host: str, port: int) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=LOOK_EVERY):
            return True
    except OSError:
        return False


def become_publisher(clip: Path, host: str, port: int, address: str, clock: Clock) -> None:
    """Wait, then replace this process by ffmpeg; the request to die with the supervisor stays in force."""
    while not (clip.exists() and listens(host, port)):
        clock.sleep(LOOK_EVERY)
    program = imageio_ffmpeg.get_ffmpeg_exe()
    os.execv(program, [  # noqa: S606 - no shell is wanted
        program, "-nostdin", "-loglevel", "fatal", "-re", "-stream_loop", "-1", "-i", str(clip),
        "-c", "copy", "-f", "flv", address,
    ])


def speaker_child(settings: Settings, clip: Path, key: str) -> ChildSpec:
    """The live publisher as the supervisor starts it."""
    words = (str(clip), reached_at(settings.rtmp_host), str(settings.rtmp_port), f"{rtmp_address(settings)}/{key}")
    return ChildSpec(SPEAKER, [sys.executable, "-m", "allpoints.app.demo_live", *words])


if __name__ == "__main__":
    become_publisher(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], SystemClock())
