"""What everybody may see: home, schedule, watch, and what is on now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency

from allpoints.schedule.calendar_file import calendar_file
from allpoints.schedule.model import Session
from allpoints.web.health.watch import HealthWatch
from allpoints.web.player_words import player_words
from allpoints.web.reader import Reader
from allpoints.web.site import Site
from allpoints.web.text_pages import VARIES, text_instead

AnyRequest = Request[Any, Any, Any]


class PersonNow(msgspec.Struct, frozen=True):
    """Somebody who speaks; ``about`` is empty where nothing is said."""

    name: str
    about: str


class SessionNow(msgspec.Struct, frozen=True):
    """A session as scripts and other programs read it. Instants are UTC."""

    guid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    persons: list[PersonNow]


class Now(msgspec.Struct, frozen=True):
    """What is on at ``at``. ``live``: the stream moves; ``low_latency``: it is also published as Low-Latency HLS."""

    at: datetime
    gathering: str
    now: SessionNow | None
    next: SessionNow | None
    live: bool
    low_latency: bool


@get("/", include_in_schema=False)
async def home(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[str]:
    """What the gathering is, when it is, and the way in."""
    return text_instead(request, site, health) or site.page(
        "home.html", request, varies=VARIES, moment=site.moment(), is_live=site.is_released_now)


@get("/schedule", include_in_schema=False)
async def schedule(request: AnyRequest, site: NamedDependency[Site]) -> Response[str]:
    """The timetable, day by day."""
    return site.page("schedule.html", request, moment=site.moment())


@get("/watch", include_in_schema=False)
async def watch(
    request: AnyRequest, site: NamedDependency[Site], health: NamedDependency[HealthWatch]
) -> Response[str]:
    """The stream, and what is on. ``?view=audio`` begins with sound alone, ``?link=low`` as a weak line bears it."""
    moment = site.moment()
    choice = "audio" if request.query_params.get("view") == "audio" else "auto"
    return text_instead(request, site, health) or site.page(
        "watch.html", request, varies=VARIES, moment=moment, coming=site.coming(moment),
        is_live=site.is_released_now, words=player_words(site.reader(request).language), choice=choice)


@get("/schedule.ics", include_in_schema=False)
async def calendar(request: AnyRequest, site: NamedDependency[Site]) -> Response[bytes]:
    """The schedule for a calendar program."""
    name = "schedule" if site.gathering.trace.neutral_title else site.gathering.slug
    content = calendar_file(site.gathering, site.clock.now(), language=site.reader(request).language.tag)
    return Response(content, media_type="text/calendar; charset=utf-8", headers={
        "Cache-Control": "no-cache", "Vary": "Accept-Language",
        "Content-Disposition": f'attachment; filename="{name}.ics"',
    })


@get("/api/now")
async def now(request: AnyRequest, site: NamedDependency[Site]) -> Response[Now]:
    """What is on now and next, for scripts and other programs. ``?lang=`` names the language of titles."""
    moment, reader = site.moment(), site.reader(request)
    content = Now(
        at=moment.at,
        gathering=reader.text(site.gathering.title),
        now=_told(moment.current, reader),
        next=_told(moment.following, reader),
        live=site.is_released_now,
        low_latency=site.has_low_latency,
    )
    return Response(content, media_type=MediaType.JSON,
                    headers={"Cache-Control": "public, max-age=1", "Vary": "Accept-Language"})


def _told(session: Session | None, reader: Reader) -> SessionNow | None:
    if session is None:
        return None
    persons = [PersonNow(reader.text(person.name), reader.text(person.about)) for person in session.persons]
    return SessionNow(session.guid, reader.text(session.title), session.starts_at, session.ends_at, persons)
