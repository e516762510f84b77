"""Orders to the stage from this machine, over its control socket; DUMP also without a stage."""

from __future__ import annotations

import socket

import msgspec

from allpoints.app.plan import plan_of
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import Timeline
from allpoints.publish.dumps import record_dump
from allpoints.publish.standing import Notes, Standing
from allpoints.stage.protocol import Dump, Reply, Request, StageReport, Watch

PATIENCE = 2.0


def dump_now(folders: Folders, clock: Clock) -> str:
    """Dump; answers in words what was done. Raises NoGathering where nothing was ever planned."""
    reply = tell_stage(folders, Dump(by="command line"))
    if reply is not None and reply.ok:
        return "Dumped: what was not yet released never will be, and slate is on air."
    now = clock.now()
    record_dump(folders, Timeline(plan_of(folders, lambda _: None).epoch).tick_at(now))
    standing = Notes(folders).read(Standing)
    if standing is not None and standing.stands_by(now):
        return ("This machine stands by. The decision goes to the one on air, which leaves what it shows."
                if standing.is_peer_heard else
                "This machine stands by and does not hear the other, which learns of it later: press DUMP there.")
    return "Dumped: what was not yet released never will be. No stage answered; one that wakes shows slate."


def hear_stage(folders: Folders) -> StageReport | None:
    """A report that the stage makes now; None when there is no stage, or it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as stage:
            stage.settimeout(PATIENCE)
            stage.connect(str(folders.sockets / "stage.sock"))
            stage.sendall(msgspec.json.encode(Watch()) + b"\n")
            with stage.makefile("rb") as reports:
                return msgspec.json.decode(reports.readline(), type=StageReport)
    except (OSError, msgspec.MsgspecError):
        return None


def tell_stage(folders: Folders, request: Request) -> Reply | None:
    """The stage's answer; None when there is no stage, or it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as stage:
            stage.settimeout(PATIENCE)
            stage.connect(str(folders.sockets / "stage.sock"))
            stage.sendall(msgspec.json.encode(request) + b"\n")
            with stage.makefile("rb") as answers:
                return msgspec.json.decode(answers.readline(), type=Reply)
    except (OSError, msgspec.MsgspecError):
        return None
