"""``/plain``: the page around an endless file, and the line before it. It needs no script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from allpoints.publish.ladder import LADDERS
from allpoints.web.plain import Plain
from allpoints.web.site import Site

AnyRequest = Request[Any, Any, Any]
USUAL = ("v240", "a32")
"""What is shown where nobody chose: what most links can carry."""
USUAL_ON_WEAK_LINE = ("v144", "a32")

HOUR_SECONDS = 3600


@get("/plain", include_in_schema=False)
async def plain_page(
    request: AnyRequest, site: NamedDependency[Site], plain: NamedDependency[Plain],
    show: FromQuery[str] = "", rung: FromQuery[str] = "", ticket: FromQuery[str] = "",
) -> Response[Any]:
    """Picture and sound, or with ``?show=audio`` the sound alone, in the browser's own player; or the line for it.
    Where nobody chose, a weak line gets the sound.

    Who comes without a ticket is sent on to an address that has one: so loading the page again keeps the place.
    """
    reader = site.reader(request)
    if not show and reader.is_on_weak_line:
        show = "audio"
    usual = USUAL_ON_WEAK_LINE if reader.is_on_weak_line else USUAL
    ladder = LADDERS[site.settings.ladder]
    choices = ladder.audio if show == "audio" or not ladder.video else ladder.video
    show = "audio" if choices is ladder.audio else "video"
    chosen = next((each for name in (rung, *usual) for each in choices if each.name == name), choices[-1])
    rung = rung if rung == chosen.name else ""
    standing = plain.places.ask(ticket, site.clock.monotonic()) if site.is_released_now else None
    if standing and standing.ticket and standing.ticket != ticket:
        address = reader.link(_address(show, rung, standing.ticket))
        return Response(None, status_code=303, headers={"Location": address, "Cache-Control": "no-store"})
    moment = site.moment()
    megabytes = {
        name: round(sum(track.bit_rate for track in tracks) * HOUR_SECONDS / 8e6)
        for name, tracks in plain.tracks.items()
    }
    return site.page(
        "plain.html", request, private=True, moment=moment, coming=site.coming(moment), standing=standing, show=show,
        choices=choices, chosen=chosen, megabytes=megabytes, has_picture=bool(ladder.video), ticket=ticket,
        back=_address(show, rung, ticket), address=_address,
    )


def _address(show: str, rung: str = "", ticket: str = "") -> str:
    given = {"show": show, "rung": rung, "ticket": ticket}
    return f"/plain?{urlencode({name: value for name, value in given.items() if value})}"
