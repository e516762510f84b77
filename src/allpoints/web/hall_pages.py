"""The hall screen: what a projector shows to many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from allpoints.kernel.text.translations import Language
from allpoints.schedule.model import Day
from allpoints.schedule.timetable import Moment
from allpoints.web.join_link import join_link, qr_code
from allpoints.web.player_words import player_words
from allpoints.web.site import Site

AnyRequest = Request[Any, Any, Any]
MOST_ROWS = 8


@get("/hall", include_in_schema=False)
async def hall(request: AnyRequest, site: NamedDependency[Site]) -> Response[str]:
    """The stream large, now and next, clocks, and how to join."""
    moment, language = site.moment(), site.reader(request).language
    day, link = _day_shown(site, moment), join_link(site.settings, request.scope)
    today = [session for session in day.sessions if session.ends_at > moment.at][:MOST_ROWS] if day else []
    return site.page("hall.html", request, moment=moment, is_live=site.is_released_now, words=player_words(language),
                     hall_words=_words(language), changes_at=_changes_at(moment), day=day, today=today, link=link,
                     qr=qr_code(link))


@get("/hall/qr.svg", include_in_schema=False)
async def qr(request: AnyRequest, site: NamedDependency[Site]) -> Response[str]:
    """The QR code by itself, to be printed."""
    return Response(qr_code(join_link(site.settings, request.scope)), media_type="image/svg+xml",
                    headers={"Cache-Control": "no-cache"})


def _day_shown(site: Site, moment: Moment) -> Day | None:
    """The day of what is on, else of what comes."""
    nearest = moment.current or moment.following
    return next((day for day in site.timetable.days if nearest in day.sessions), None)


def _changes_at(moment: Moment) -> datetime | None:
    """When something ends or begins next."""
    ends = [moment.current.ends_at] if moment.current else []
    begins = [moment.following.starts_at] if moment.following else []
    return min(ends + begins, default=None)


def _words(language: Language) -> dict[str, str]:
    _ = language.words.gettext
    return {"stop": _("Stop the slides"), "go_on": _("Let the slides go on")}
