"""What can be read with almost no bytes: the page without picture and sound, and plain text for terminals."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency

from allpoints.web.health.watch import HealthWatch
from allpoints.web.join_link import public_address
from allpoints.web.now_text import now_text
from allpoints.web.site import Site
from allpoints.web.status import headline_of, sentence_of, status_of

AnyRequest = Request[Any, Any, Any]
EVERY = "60"
"""Seconds after which the page comes anew by itself, for who asks for that."""

VARIES = "Accept, Accept-Language, Save-Data, User-Agent"
"""What the answer depends on at an address that gives a page or plain text."""


@get("/text", include_in_schema=False)
async def text_only(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[str]:
    """Now and next for the weakest line. It stays as it is unless asked: loading anew disturbs screen readers."""
    moment, reader = site.moment(), site.reader(request)
    status = status_of(site, health, reader)
    return site.page("text.html", request, moment=moment, coming=site.coming(moment),
                     headline=headline_of(status, reader.language), sentence=sentence_of(status, reader.language),
                     comes_anew=request.query_params.get("every") == EVERY)


@get("/now.txt", include_in_schema=False)
async def now_as_text(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[str]:
    """Now and next in a few lines."""
    return _text(request, site, health, {"Cache-Control": "public, max-age=10", "Vary": "Accept-Language"})


def text_instead(request: AnyRequest, site: Site, health: HealthWatch) -> Response[str] | None:
    """The same lines for who would rather have them than the page asked for; None for others."""
    if not _prefers_text(request):
        return None
    return _text(request, site, health, {"Cache-Control": "no-cache", "Vary": VARIES})


def _text(request: AnyRequest, site: Site, health: HealthWatch, headers: dict[str, str]) -> Response[str]:
    reader = site.reader(request)
    content = now_text(site.gathering, site.moment(), status_of(site, health, reader), reader,
                       public_address(site.settings, request.scope))
    return Response(content, media_type=MediaType.TEXT, headers=headers)


def _prefers_text(request: AnyRequest) -> bool:
    """By ``Accept`` (RFC 9110, 12.5.1); curl and Wget take anything, and mean a terminal."""
    if request.accept.best_match(["text/html", "text/plain"]) == "text/plain":
        return True
    takes_anything = "text/html" not in request.headers.get("accept", "")
    return takes_anything and request.headers.get("user-agent", "").startswith(("curl/", "Wget/"))
