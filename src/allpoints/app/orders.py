"""One order to the stage from the command line, over its control socket."""

from __future__ import annotations

import socket

import msgspec

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.stage.protocol import Reply, Request

PATIENCE = 5.0


class NoStage(AllpointsError):
    """Nothing listens on the control socket, or it does not answer."""

    code = "no_stage"
    status = 503
    for_people = "No stage answers for the data folder {folder}. Name the right one with --data, or start it first."


class OrderRefused(AllpointsError):
    """The stage refused an order, and said why."""

    code = "order_refused"
    status = 409
    for_people = "{message}"


def order(folders: Folders, request: Request) -> Reply:
    """Send ``request`` and wait for the answer. Raises NoStage and OrderRefused."""
    try:
        with socket.socket(socket.AF_UNIX) as stage:
            stage.settimeout(PATIENCE)
            stage.connect(str(folders.sockets / "stage.sock"))
            stage.sendall(msgspec.json.encode(request) + b"\n")
            with stage.makefile("rb") as answers:
                reply = msgspec.json.decode(answers.readline(), type=Reply)
    except (OSError, msgspec.MsgspecError):
        raise NoStage(folder=str(folders.data)) from None
    if reply.refusal is not None:
        raise OrderRefused(message=reply.refusal.message)
    return reply
