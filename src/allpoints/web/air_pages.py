"""The air from one machine to the other, asked for on the control page of either."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from allpoints.publish.standing import NoSecondMachine, Notes, Standing, Wish
from allpoints.web.control_api import CSRF_HEADER
from allpoints.web.control_pages import go_to
from allpoints.web.control_room import Outcome
from allpoints.web.desk import Desk

AnyRequest = Request[Any, Any, Any]


@post("/control/air", include_in_schema=False, status_code=303)
async def change_air_by_form(
    request: AnyRequest, data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
    desk: NamedDependency[Desk],
) -> Response[Any]:
    """Let the air change machines, and go back to the page: there it shows when it has."""
    session = await desk.gate.actor(request, data.get("csrf"))
    _wish(desk, session.name)
    return go_to(desk.site.reader(request).link("/control"))


@post("/api/control/air", status_code=202)
async def change_air(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[Outcome]:
    """Let the air change machines: the one that stands by takes it, the one that has it gives it. 409: there is no
    other machine."""
    session = await desk.gate.actor(request, request.headers.get(CSRF_HEADER))
    _wish(desk, session.name)
    words = desk.site.reader(request).language.words
    outcome = Outcome(True, 202, "asked", words.gettext("The other machine is asked. It takes some seconds."))
    return Response(outcome, status_code=202, headers={"Cache-Control": "no-store"})


def _wish(desk: Desk, by: str) -> None:
    notes = Notes(desk.site.folders)
    if notes.read(Standing) is None:
        raise NoSecondMachine
    notes.leave(Wish(by, desk.site.clock.now()))
