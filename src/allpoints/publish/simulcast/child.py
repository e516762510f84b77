"""The ffmpeg child that speaks a receiver's protocol: FLV into its standard input, nothing coded anew."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
from collections.abc import Callable, Mapping
from typing import Protocol

import imageio_ffmpeg

from allpoints.kernel.supervision import start_child
from allpoints.publish.simulcast.address import output_arguments, without_secrets
from allpoints.schedule.model import Receiver

_LONGEST_LINE = 200
_CONTEXT = re.compile(r"^(?:\[[^\]]*\] )+")


class Child(Protocol):
    """One connection to a receiver."""

    sent_bytes: int
    """What the receiver has taken; above 0 once it has let us in."""
    last_line: str

    def write(self, content: memoryview) -> int:
        """Hand over what can be taken at once; how many bytes that was."""

    def look(self) -> bool:
        """Hear what the child tells; whether it still runs."""

    def finish(self) -> None:
        """Nothing more comes: let it say goodbye."""

    def kill(self) -> None:
        """End it now."""


Start = Callable[[Receiver], Child]


def arguments(receiver: Receiver) -> list[str]:
    """ffmpeg's command line. It connects at once, without a look at how the stream goes on."""
    return [
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-loglevel", "warning",
        "-progress", "pipe:1", "-stats_period", "0.5",
        "-fpsprobesize", "0", "-f", "flv", "-i", "pipe:0", "-map", "0", "-c", "copy", *output_arguments(receiver),
    ]


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """ffmpeg's OpenSSL was built elsewhere: it is told where this system keeps its certificates."""
    paths = ssl.get_default_verify_paths()
    places = {"SSL_CERT_FILE": paths.cafile, "SSL_CERT_DIR": paths.capath}
    return {**{name: place for name, place in places.items() if place}, **own}


class FfmpegChild:
    """A running ffmpeg. Neither writing to it nor listening to it ever waits."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._told = b""
        self._said = b""
        self.sent_bytes = 0
        self.last_line = ""

    @classmethod
    def start(cls, receiver: Receiver) -> FfmpegChild:
        """Start it. Belongs on a thread that lives as long as the process."""
        child = cls(receiver)
        child._process = start_child(
            arguments(receiver), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            environment=_environment(os.environ),
        )
        for pipe in (child._process.stdin, child._process.stdout, child._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        return child

    _process: subprocess.Popen[bytes]

    def write(self, content: memoryview) -> int:
        assert self._process.stdin is not None
        try:
            return os.write(self._process.stdin.fileno(), content)
        except (BlockingIOError, BrokenPipeError, ValueError):  # full; ended, which ``look`` tells; finished
            return 0

    def look(self) -> bool:
        runs = self._process.poll() is None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._told = self._heard(self._process.stdout.fileno(), self._told, self._progress)
        self._said = self._heard(self._process.stderr.fileno(), self._said, self._line)
        if not runs:
            self._close()
        return runs

    def finish(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    @staticmethod
    def _heard(pipe: int, rest: bytes, hear: Callable[[str], None]) -> bytes:
        with contextlib.suppress(OSError):
            while more := os.read(pipe, 65536):
                *lines, rest = (rest + more)[-65536:].split(b"\n")
                for line in lines:
                    hear(line.decode("utf-8", "replace").strip())
        return rest

    def _progress(self, line: str) -> None:
        name, _, value = line.partition("=")
        if name == "total_size" and value.isdigit():
            self.sent_bytes = int(value)

    def _line(self, line: str) -> None:
        if line:
            self.last_line = without_secrets(_CONTEXT.sub("", line), self._receiver)[:_LONGEST_LINE]
