"""The demo's director: cues another item where the one that is next cannot be had; auto-next takes it.

It does what a person would do with the same words, over the same socket. Once a person disarms auto-next, presses
PANIC or DUMP, it leaves everything to them.
"""

from __future__ import annotations

import socket

import msgspec

from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.stage.protocol import Cue, Request, StageReport, Watch

ACTS_EVERY = 2.0
CANNOT_AIR = frozenset({"refused", "waiting", "lost"})
NAME = "demo"


def next_act(report: StageReport) -> Request | None:
    """What to do now; None while the rundown runs by itself or a person has taken over."""
    if not report.auto_next_armed or not report.on_air.on_slate or report.on_air.state == "taking":
        return None
    states = {source.ref: source.state for source in report.sources}
    if report.next is not None and (report.next.ready or states.get(report.next.source or "") not in CANNOT_AIR):
        return None
    wanted = report.next.item if report.next else None
    has_begun = any(row.state == "aired" for row in report.rundown)
    here = next((n for n, row in enumerate(report.rundown) if row.item == wanted), -1) if has_begun else -1
    for row in report.rundown[here + 1:] + report.rundown[:here + 1]:
        if states.get(row.source) not in CANNOT_AIR:
            return Cue(item=row.item, by=NAME)
    return None


def direct(folders: Folders, clock: Clock) -> None:
    """Look at the stage's reports for ever and act on them; a stage that is away is waited for."""
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as stage:
                stage.connect(str(folders.sockets / "stage.sock"))
                _follow(stage, clock)
        except (OSError, msgspec.MsgspecError):
            clock.sleep(0.5)


def _follow(stage: socket.socket, clock: Clock) -> None:
    stage.sendall(msgspec.json.encode(Watch()) + b"\n")
    acted_at = clock.monotonic()
    with stage.makefile("rb") as lines:
        for line in lines:
            if clock.monotonic() - acted_at < ACTS_EVERY:
                continue
            act = next_act(msgspec.json.decode(line, type=StageReport))
            if act is not None:
                acted_at = clock.monotonic()
                _say(stage.getpeername(), act)


def _say(address: str, request: Request) -> None:
    with socket.socket(socket.AF_UNIX) as stage:
        stage.settimeout(ACTS_EVERY)
        stage.connect(address)
        stage.sendall(msgspec.json.encode(request) + b"\n")
        stage.recv(1 << 16)
