"""Every order over HTTP as JSON, for the page's script, Stream Deck and Companion, and the screen's live changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import Stream

from allpoints.stage.protocol import StageReport
from allpoints.web.control_room import Outcome, carry_out
from allpoints.web.desk import Desk
from allpoints.web.orders import (
    ArmOrder,
    CueOrder,
    DumpOrder,
    LowerThirdOrder,
    Order,
    PanicOrder,
    ReceiverOffOrder,
    ReceiverOnOrder,
    ReceiverRestartOrder,
    RestartOrder,
    TakeOrder,
)
from allpoints.web.reader import Reader
from allpoints.web.stage_link import StageSilent

AnyRequest = Request[Any, Any, Any]
CSRF_HEADER = "x-csrf-token"
BEAT_SECONDS = 1.0


async def _order(request: AnyRequest, order: Order, desk: Desk) -> Response[Outcome]:
    session = await desk.gate.actor(request, request.headers.get(CSRF_HEADER))
    outcome = await carry_out(order, session, desk.site, desk.link, desk.site.reader(request).language)
    return Response(outcome, status_code=outcome.status, headers={"Cache-Control": "no-store"})


@post("/api/control/cue", status_code=200)
async def cue(request: AnyRequest, data: JSONBody[CueOrder], desk: NamedDependency[Desk]) -> Response[Outcome]:
    """Prepare an item or a source as NEXT. Selecting never airs."""
    return await _order(request, data, desk)


@post("/api/control/take", status_code=200)
async def take(request: AnyRequest, data: JSONBody[TakeOrder], desk: NamedDependency[Desk]) -> Response[Outcome]:
    """Put NEXT on air. 409: the program has changed since ``airing``. 429: within a second of the last take."""
    return await _order(request, data, desk)


@post("/api/control/arm", status_code=200)
async def arm(request: AnyRequest, data: JSONBody[ArmOrder], desk: NamedDependency[Desk]) -> Response[Outcome]:
    """Arm or disarm auto-next."""
    return await _order(request, data, desk)


@post("/api/control/restart", status_code=200)
async def restart(
    request: AnyRequest, data: JSONBody[RestartOrder], desk: NamedDependency[Desk]
) -> Response[Outcome]:
    """Close one source and open it again."""
    return await _order(request, data, desk)


@post("/api/control/lower-third", status_code=200)
async def lower_third(
    request: AnyRequest, data: JSONBody[LowerThirdOrder], desk: NamedDependency[Desk]
) -> Response[Outcome]:
    """Show a name over the program; an empty title clears it."""
    return await _order(request, data, desk)


@post("/api/control/panic", status_code=200)
async def panic(request: AnyRequest, data: JSONBody[PanicOrder], desk: NamedDependency[Desk]) -> Response[Outcome]:
    """Retreat to slate. ``held_ms`` must be at least 1000."""
    return await _order(request, data, desk)


@post("/api/control/dump", status_code=200)
async def dump(request: AnyRequest, data: JSONBody[DumpOrder], desk: NamedDependency[Desk]) -> Response[Outcome]:
    """Replace all that is not yet released by slate. ``held_ms`` must be at least 1000. Works without a stage."""
    return await _order(request, data, desk)


@post("/api/control/receiver-on", status_code=200)
async def receiver_on(
    request: AnyRequest, data: JSONBody[ReceiverOnOrder], desk: NamedDependency[Desk]
) -> Response[Outcome]:
    """Send to a receiver. 404: there is none of this name."""
    return await _order(request, data, desk)


@post("/api/control/receiver-off", status_code=200)
async def receiver_off(
    request: AnyRequest, data: JSONBody[ReceiverOffOrder], desk: NamedDependency[Desk]
) -> Response[Outcome]:
    """Send to a receiver no more. 404: there is none of this name."""
    return await _order(request, data, desk)


@post("/api/control/receiver-restart", status_code=200)
async def receiver_restart(
    request: AnyRequest, data: JSONBody[ReceiverRestartOrder], desk: NamedDependency[Desk]
) -> Response[Outcome]:
    """End the connection to a receiver and call it anew. 404: there is none of this name."""
    return await _order(request, data, desk)


@get("/api/control/report")
async def report(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[StageReport]:
    """The stage's newest report. 503 when the stage does not answer."""
    await desk.gate.visitor(request)
    if desk.link.report is None or not desk.link.is_fresh:
        raise StageSilent
    return Response(desk.link.report, headers={"Cache-Control": "no-store"})


@get("/control/live", include_in_schema=False)
async def live(request: AnyRequest, desk: NamedDependency[Desk]) -> Stream:
    """Server-sent events: at each report the regions that changed, and a beat at least once a second."""
    await desk.gate.visitor(request)
    return Stream(
        _events(desk.site.reader(request), desk), media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(reader: Reader, desk: Desk) -> AsyncIterator[bytes]:
    link, shown = desk.link, dict[str, str]()
    yield b"retry: 1000\n\n"
    async for _ in link.beats(BEAT_SECONDS):
        if desk.closing.is_set():
            return
        now = desk.screen.everything(link.report, desk.health.alarms, reader)
        changed = {region: html for region, html in now.items() if shown.get(region) != html}
        shown = now
        yield b"data: " + msgspec.json.encode({"fresh": link.is_fresh, "regions": changed}) + b"\n\n"
