"""The gathering's health: its status for everybody, metrics for a monitor, alarms for the crew."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ServiceUnavailableException

from allpoints.web.desk import Desk
from allpoints.web.gate import bearer_of
from allpoints.web.health.alarms import ToldAlarm, told
from allpoints.web.health.watch import HealthWatch
from allpoints.web.protection import is_loopback
from allpoints.web.site import Site
from allpoints.web.status import Status, headline_of, sentence_of, status_of

AnyRequest = Request[Any, Any, Any]
PASSED_ON = frozenset({"x-forwarded-for", "x-real-ip", "forwarded", "via"})
"""Headers of a proxy: then the peer is the proxy, and who asks may be anybody."""


@get("/status", include_in_schema=False)
async def status_page(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[str]:
    """Whether the gathering is on air, in words for everybody."""
    reader = site.reader(request)
    status = status_of(site, health, reader)
    return site.page("status.html", request, status_now=status, headline=headline_of(status, reader.language),
                     sentence=sentence_of(status, reader.language))


@get("/status.json", summary="Status")
async def status_json(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[Status]:
    """Whether the gathering is on air, for scripts and other programs."""
    return Response(status_of(site, health, site.reader(request)), media_type=MediaType.JSON,
                    headers={"Cache-Control": "public, max-age=2", "Vary": "Accept-Language"})


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
