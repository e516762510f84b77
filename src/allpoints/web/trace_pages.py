"""Leaving at once, and what stays on a viewer's device all the same."""

from __future__ import annotations

from typing import Any

from litestar import HttpMethod, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from allpoints.web.site import Site

AnyRequest = Request[Any, Any, Any]
CLEARED = '"cache", "cookies", "storage"'


@route("/leave", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200, include_in_schema=False)
async def leave(request: AnyRequest, site: NamedDependency[Site]) -> Response[str]:
    """A blank page, and the browser forgets what it has of this site (Clear Site Data, W3C).

    The button sends a form. The script replaces its own page by this address, so that no way leads back to that one.
    """
    if not site.gathering.trace.low:
        raise NotFoundException
    answer = site.page("leave.html", request, private=True)
    # A button on somebody else's page must not sign the crew out. Browsers that do not say whence, obey.
    if request.headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
        answer.headers["Clear-Site-Data"] = CLEARED
    return answer


@get("/limits", include_in_schema=False)
async def limits(request: AnyRequest, site: NamedDependency[Site]) -> Response[str]:
    """What stays on the device and in the network, and what to do about each."""
    return site.page("limits.html", request)
