"""What the crew asks of the director, carried out between two ticks."""

from __future__ import annotations

from allpoints.kernel.errors import AllpointsError
from allpoints.schedule.model import SourceRef
from allpoints.stage import protocol as said
from allpoints.stage.director import Director


def answer(director: Director, request: said.Request) -> said.Reply:
    """Carry out one request; refusals come back as sentences, never as exceptions."""
    try:
        airing = _carry_out(director, request)
    except AllpointsError as refusal:
        return said.Reply(
            ok=False,
            airing=director.program.airing,
            refusal=said.Refusal(refusal.code, refusal.status, refusal.for_people, refusal.values),
        )
    director.log.changed = True
    return said.Reply(ok=True, airing=airing)


def _carry_out(director: Director, request: said.Request) -> str | None:
    airing = director.program.airing
    match request:
        case said.Take():
            airing = director.take(request)
        case said.Cue():
            airing = director.cue(request)
        case said.Panic():
            director.retreat(request.by, "panic")
        case said.Dump():
            director.dump(request.by)
        case said.ArmAutoNext():
            director.arm(request.armed)
            director.log.act(request.by, "arm" if request.armed else "disarm")
        case said.RestartSource():
            director.log.act(request.by, "restart", request.source)
            director.sources.restart(SourceRef(request.source))
        case said.LowerThird():
            director.show_name(request.title, request.subtitle, request.by)
        case said.Watch():
            pass
    return airing
