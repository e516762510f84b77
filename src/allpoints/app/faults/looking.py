"""Looks at a running gathering: gives one ``Sight`` after another."""

from __future__ import annotations

import contextlib
import socket

import msgspec

from allpoints.app.faults.house import House
from allpoints.app.faults.sight import Sight, position
from allpoints.kernel.folders import Folders
from allpoints.stage.protocol import StageReport, Watch

FRESH = 2.0
"""Seconds after which the stage's last word says nothing about now."""


class Looker:
    """Keeps one connection to the stage, made anew whenever it breaks. Never blocks for more than a moment."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stage: socket.socket | None = None
        self._heard = b""
        self._report: StageReport | None = None
        self._heard_at = float("-inf")

    def look(self) -> Sight:
        """What is to be seen now."""
        self._listen()
        last, gaps = -1, frozenset[int]()
        with contextlib.suppress(OSError):
            last, gaps = position(followed(self._house.folders))
        fresh = self._house.clock.monotonic() - self._heard_at < FRESH
        on_slate = self._report.on_air.on_slate if self._report is not None and fresh else None
        return Sight(self._house.running(), last, gaps, on_slate)

    def close(self) -> None:
        """Listen no more."""
        if self._stage is not None:
            self._stage.close()
            self._stage = None

    def _listen(self) -> None:
        try:
            if self._stage is None:
                self._connect()
            assert self._stage is not None
            while said := self._stage.recv(1 << 18):
                self._heard += said
            self.close()  # the stage ended
        except BlockingIOError:
            pass
        except OSError:
            self.close()
        *lines, self._heard = self._heard.split(b"\n")
        if lines:
            with contextlib.suppress(msgspec.MsgspecError):
                self._report = msgspec.json.decode(lines[-1], type=StageReport)
                self._heard_at = self._house.clock.monotonic()

    def _connect(self) -> None:
        self._heard = b""
        self._stage = socket.socket(socket.AF_UNIX)
        self._stage.settimeout(0.2)
        self._stage.connect(str(self._house.folders.sockets / "stage.sock"))
        self._stage.sendall(msgspec.json.encode(Watch()) + b"\n")
        self._stage.setblocking(False)


def followed_name(folders: Folders) -> str:
    """The fullest rendition that is published; empty when none is."""
    return max((path.parent.name for path in folders.public.glob("*/index.m3u8")), key=_fullness, default="")


def followed(folders: Folders) -> str:
    """The media playlist of the fullest rendition. Raises OSError when nothing is published."""
    return (folders.public / followed_name(folders) / "index.m3u8").read_text()


def _fullness(name: str) -> tuple[bool, int]:
    """``v720`` is fuller than ``v240``, and any picture fuller than sound alone."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return name.startswith("v"), int(digits or 0)
