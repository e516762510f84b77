"""The control page: signing in, the screen, and every order as a plain form."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.params import Body, FromPath

from allpoints.kernel.errors import AllpointsError
from allpoints.staff import NotSignedIn
from allpoints.web.control_room import Outcome, carry_out
from allpoints.web.control_screen import REGIONS, control_words
from allpoints.web.desk import Desk
from allpoints.web.gate import SESSION_COOKIE, keep_session
from allpoints.web.orders import order_of
from allpoints.web.player_words import player_words
from allpoints.web.site import Site

AnyRequest = Request[Any, Any, Any]
SIGN_IN = "/control/sign-in"
NO_PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><path fill="#050a14" d="M0 0h16v9H0z"/></svg>'
)
_PICTURE = re.compile(r"(?:program|preview|source-[a-z0-9][a-z0-9-]*)", re.ASCII)


class Secret(msgspec.Struct, frozen=True):
    """What the sign-in form sends."""

    secret: str = ""
    name: str = ""


@get(SIGN_IN, include_in_schema=False)
async def sign_in_page(request: AnyRequest, site: NamedDependency[Site]) -> Response[str]:
    """The sign-in form; says where the secret is."""
    return site.page("sign_in.html", request, private=True, problem="")


@post(SIGN_IN, include_in_schema=False, status_code=303)
async def sign_in(
    request: AnyRequest, data: Annotated[Secret, Body(media_type=RequestEncodingType.URL_ENCODED)],
    desk: NamedDependency[Desk],
) -> Response[Any]:
    """Open a session for the right secret."""
    try:
        token = await desk.gate.sign_in(data.secret, data.name)
    except AllpointsError as refusal:
        problem = desk.site.reader(request).language.sentence(refusal)
        return desk.site.page("sign_in.html", request, private=True, status=refusal.status, problem=problem)
    response = go_to(desk.site.reader(request).link("/control"))
    keep_session(request, response, token)
    return response


@post("/control/sign-out", include_in_schema=False, status_code=303)
async def sign_out(
    request: AnyRequest, data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
    desk: NamedDependency[Desk],
) -> Response[None]:
    """End the session. Air is not touched."""
    await desk.gate.actor(request, data.get("csrf"))
    await desk.gate.sign_out(request)
    response = go_to(desk.site.reader(request).link(SIGN_IN))
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@get("/control", include_in_schema=False)
async def control(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[Any]:
    """The control page, as the stage last reported."""
    return await _page(request, desk, None)


@post("/control/{verb:str}", include_in_schema=False, status_code=303)
async def order_by_form(
    request: AnyRequest, verb: FromPath[str],
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
    desk: NamedDependency[Desk],
) -> Response[Any]:
    """Carry out one order. Back to the page when it is done; a refusal is told on the page at once."""
    session = await desk.gate.actor(request, data.get("csrf"))
    language = desk.site.reader(request).language
    try:
        outcome = await carry_out(order_of(verb, dict(data)), session, desk.site, desk.link, language)
    except AllpointsError as error:
        outcome = Outcome(False, error.status, error.code, language.sentence(error))
    if outcome.ok and outcome.code == "done":
        return go_to(desk.site.reader(request).link("/control"))
    return await _page(request, desk, outcome)


@get("/control/pictures/{name:str}", include_in_schema=False)
async def picture(request: AnyRequest, name: FromPath[str], desk: NamedDependency[Desk]) -> Response[bytes]:
    """A small JPEG of program, preview or a source. Staff only, kept by nobody."""
    await desk.gate.visitor(request)
    path = desk.site.folders.pictures / name
    if not name.endswith(".jpg") or not _PICTURE.fullmatch(path.stem):
        raise NotFoundException
    if not path.is_file():
        return Response(NO_PICTURE, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
    return Response(path.read_bytes(), media_type="image/jpeg", headers={"Cache-Control": "no-store"})


async def _page(
    request: AnyRequest, desk: Desk, outcome: Outcome | None
) -> Response[Any]:
    try:
        session = await desk.gate.visitor(request)
    except NotSignedIn:
        return go_to(desk.site.reader(request).link(SIGN_IN))
    reader = desk.site.reader(request)
    return desk.site.page(
        "control.html", request, private=True, status=outcome.status if outcome else 200,
        session=session, csrf=desk.gate.form_token(request), report=desk.link.report,
        is_fresh=desk.link.is_fresh, outcome=outcome,
        regions=dict.fromkeys(REGIONS, "") | desk.screen.everything(desk.link.report, desk.health.alarms, reader),
        words=player_words(reader.language), control_words=control_words(reader.language),
        moment=desk.site.moment(), is_live=desk.site.is_released_now,
    )


def go_to(address: str) -> Response[None]:
    """See other: the page at ``address``, asked for anew."""
    return Response(None, status_code=303, media_type=MediaType.TEXT,
                    headers={"Location": address, "Cache-Control": "no-store"})
