"""Garbage from the speaker: the right key, the right codecs, and damaged pictures and sound."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import imageio_ffmpeg

from allpoints.app.faults.house import SPEAKER, House
from allpoints.app.faults.processes import NoSuchProcess, command
from allpoints.app.faults.signals import not_running
from allpoints.kernel.supervision import start_child

SILENCE = 0.8
"""Seconds after which the ingest lets another sender of the same address take a key over."""


@dataclass(frozen=True)
class Garbled:
    """The speaker's encoder falls silent and another takes its place whose every packet is damaged."""

    def obstacle(self, house: House) -> str:
        """Why not here."""
        return not_running(SPEAKER, house)

    @contextmanager
    def caused(self, house: House) -> Iterator[None]:
        """Send garbage, and let the right encoder back at the end. The calling thread must live that long."""
        with house.held(SPEAKER) as speaker:
            words = command(speaker.pid)
            if "-i" not in words:
                raise NoSuchProcess(name=SPEAKER)  # it waits for the ingest just now
            clip, address = words[words.index("-i") + 1], words[-1]
            speaker.send(signal.SIGSTOP)
            try:
                house.clock.sleep(SILENCE)
                with start_child([
                    imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-loglevel", "quiet", "-re", "-stream_loop", "-1",
                    "-i", clip, "-c", "copy", "-bsf:v", "noise=amount=60", "-bsf:a", "noise=amount=40",
                    "-f", "flv", address,
                ], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as garbler:
                    try:
                        yield
                    finally:
                        garbler.kill()
            finally:
                speaker.send(signal.SIGCONT)
