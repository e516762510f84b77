"""The gathering's health: its status for everybody, metrics for a monitor, alarms for the crew."""

from __future__ import annotations

import hmac
import ipaddress
from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ServiceUnavailableException

from allpoints.web.desk import Desk
from allpoints.web.gate import bearer_of
from allpoints.web.health.alarms import ToldAlarm, told
from allpoints.web.health.interruptions import Interruption
from allpoints.web.health.watch import HealthWatch
from allpoints.web.protection import is_loopback
from allpoints.web.site import Site

AnyRequest = Request[Any, Any, Any]
PASSED_ON = frozenset({"x-forwarded-for", "x-real-ip", "forwarded", "via"})
"""Headers of a proxy: then the peer is the proxy, and who asks may be anybody."""


class Status(msgspec.Struct, frozen=True):
    """The gathering's status as other programs read it. Instants are UTC.

    ``state``: ``on_air``; ``interrupted``, when something is planned now and nothing goes out; ``off_air`` otherwise.
    ``since`` is when that began, None where it is not known. ``holding_picture``: on air, with the slate.
    """

    at: datetime
    state: Literal["on_air", "interrupted", "off_air"]
    since: datetime | None
    holding_picture: bool
    interruptions: list[Interruption]
    next_title: str
    next_at: datetime | None


@get("/status", include_in_schema=False)
async def status_page(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[str]:
    """Whether the gathering is on air, in words for everybody."""
    return site.page("status.html", request, status_now=_status(request, site, health))


@get("/status.json", summary="Status")
async def status_json(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[Status]:
    """Whether the gathering is on air, for scripts and other programs."""
    return Response(_status(request, site, health), media_type=MediaType.JSON,
                    headers={"Cache-Control": "public, max-age=2", "Vary": "Accept-Language"})


def _status(request: AnyRequest, site: Site, health: HealthWatch) -> Status:
    moment, report = site.moment(), health.snapshot.report if health.snapshot else None
    following = moment.following
    if site.is_released_now:
        state: Literal["on_air", "interrupted", "off_air"] = "on_air"
        since = health.history.since
    else:
        state = "off_air" if moment.current is None else "interrupted"
        since = site.released_until
    return Status(
        at=moment.at,
        state=state,
        since=since,
        holding_picture=state == "on_air" and report is not None and report.on_air.on_slate,
        interruptions=health.history.interruptions,
        next_title=site.reader(request).text(following.title) if following else "",
        next_at=following.starts_at if following else None,
    )


@get("/metrics", include_in_schema=False)
async def metrics(request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
                  ) -> Response[bytes]:
    """OpenMetrics, for this machine itself or whoever has the key. For others there is nothing here."""
    if not _may_scrape(request, site.settings.metrics_key):
        raise NotFoundException
    if health.snapshot is None:  # within the first moment of this process
        raise ServiceUnavailableException
    from allpoints.web.health.metrics import CONTENT_TYPE, openmetrics

    return Response(openmetrics(health.snapshot, health.alarms), media_type=CONTENT_TYPE,
                    headers={"Cache-Control": "no-store"})


def _may_scrape(request: AnyRequest, key: str) -> bool:
    if key and hmac.compare_digest(bearer_of(request).encode(), key.encode()):
        return True
    if request.client is None or PASSED_ON & request.headers.keys() or not is_loopback(request.scope):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@get("/api/control/alarms")
async def alarms(request: AnyRequest, desk: NamedDependency[Desk]) -> Response[list[ToldAlarm]]:
    """The alarms that stand, urgent ones first, in the language asked for."""
    await desk.gate.visitor(request)
    language = desk.site.reader(request).language
    return Response([told(alarm, language) for alarm in desk.health.alarms], headers={"Cache-Control": "no-store"})
