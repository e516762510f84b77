"""The web application: pages, API, media and assets behind one front door."""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from litestar import Litestar, MediaType, Request, Response
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp

from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Event, Level, Log
from allpoints.kernel.settings import Settings
from allpoints.publish.air import is_on_air
from allpoints.schedule.model import Gathering
from allpoints.staff import Door, NotSignedIn, StaffSessions
from allpoints.web import (
    air_pages,
    break_pages,
    control_api,
    control_pages,
    hall_pages,
    health_pages,
    plain_pages,
    public_pages,
    text_pages,
    trace_pages,
)
from allpoints.web.breaker_link import BreakerLink
from allpoints.web.control_room import Outcome
from allpoints.web.control_screen import ControlScreen
from allpoints.web.desk import Desk
from allpoints.web.gate import Gate
from allpoints.web.health.watch import HealthWatch
from allpoints.web.listen import Listen
from allpoints.web.origin import Origin
from allpoints.web.plain import Plain
from allpoints.web.protection import FrontDoor
from allpoints.web.site import Site
from allpoints.web.stage_link import StageLink
from allpoints.web.standby import StandbyDoor

LARGEST_BODY = 64 * 1024


def create_app(
    settings: Settings, folders: Folders, gathering: Gathering, sessions: StaffSessions, *,
    log: Log, clock: Clock | None = None, closing: asyncio.Event | None = None,
    is_demo: bool = False,
) -> ASGIApp:
    """The whole site as one ASGI application. Set ``closing`` to end open streams.

    With ``is_demo`` it has the Break-it panel.
    """
    clock = clock or SystemClock()
    site = Site.build(settings, folders, gathering, clock)
    link = StageLink(folders.sockets / "stage.sock", clock)
    closing = closing or asyncio.Event()
    health = HealthWatch(site, link, log)
    breaker = BreakerLink(folders.sockets / "breaker.sock")
    plain = Plain(site, closing)
    desk = Desk(site, Gate(Door(folders, clock), sessions, clock), link, ControlScreen(site), health, closing)

    @contextlib.asynccontextmanager
    async def watching_the_stage(_: Litestar) -> AsyncIterator[None]:
        watchers = [asyncio.create_task(link.run()), asyncio.create_task(health.run())]
        yield
        closing.set()
        for watcher in watchers:
            watcher.cancel()

    pages = Litestar(
        route_handlers=[
            public_pages.home, public_pages.schedule, public_pages.watch, public_pages.now,
            public_pages.calendar, trace_pages.leave, trace_pages.limits, plain_pages.plain_page,
            hall_pages.hall, hall_pages.qr, text_pages.text_only, text_pages.now_as_text,
            control_pages.sign_in_page, control_pages.sign_in, control_pages.sign_out, control_pages.control,
            control_pages.order_by_form, control_pages.picture,
            control_api.cue, control_api.take, control_api.arm, control_api.restart, control_api.lower_third,
            control_api.panic, control_api.dump, control_api.report, control_api.live,
            air_pages.change_air_by_form, air_pages.change_air,
            control_api.receiver_on, control_api.receiver_off, control_api.receiver_restart,
            health_pages.status_page, health_pages.status_json, health_pages.metrics, health_pages.alarms,
            *([break_pages.panel, break_pages.screen, break_pages.cause] if is_demo else []),
        ],
        dependencies={
            "site": Provide(lambda: site, sync_to_thread=False),
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "health": Provide(lambda: health, sync_to_thread=False),
            "breaker": Provide(lambda: breaker, sync_to_thread=False),
            "plain": Provide(lambda: plain, sync_to_thread=False),
        },
        exception_handlers={
            AllpointsError: _refuse, HTTPException: _answer_http_error, Exception: _answer_failure,
        },
        lifespan=[watching_the_stage],
        openapi_config=OpenAPIConfig(
            title="Allpoints", version="1", path="/api/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        state=State({"site": site, "log": log}),
        on_app_init=[_without_request_logging],
    )
    return FrontDoor(
        pages, Origin(folders.public, lambda: is_on_air(folders)), Listen(site, closing), plain, site.assets,
        StandbyDoor(settings, folders, gathering, clock), keeps_nothing=gathering.trace.low,
    )


def _without_request_logging(config: AppConfig) -> AppConfig:
    """Nothing about a visitor is logged: no address, no agent, no path."""
    config.logging_config = None
    return config


def _refuse(request: Request[Any, Any, Any], error: AllpointsError) -> Response[Any]:
    site: Site = request.app.state.site
    if isinstance(error, NotSignedIn) and "text/html" in request.headers.get("accept", ""):
        return control_pages.go_to(site.reader(request).link(control_pages.SIGN_IN))
    return _error(request, error.status, error.code, site.reader(request).language.sentence(error))


def _answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    words = request.app.state.site.reader(request).language.words
    sentence = {
        404: words.gettext("There is nothing at this address. Look at the schedule or start from the first page."),
        405: words.gettext("This address is not used that way. Start from the first page."),
        413: words.gettext("What you sent is too large. Send less and try again."),
    }.get(error.status_code, words.gettext("The request was not understood. Go back and try again."))
    return _error(request, error.status_code, "http", sentence)


def _answer_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    log: Log = request.app.state.log
    where = traceback.extract_tb(error.__traceback__)[-1]
    # Not the error's own words: they may hold what a visitor sent.
    sentence = f"an answer failed: {type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
    log.say(Event.FAILURE, sentence, level=Level.ERROR)
    words = request.app.state.site.reader(request).language.words
    return _error(request, 500, "failure", words.gettext("The server made a mistake. Try again in a moment."))


def _error(request: Request[Any, Any, Any], status: int, code: str, sentence: str) -> Response[Any]:
    if request.url.path.startswith("/api/"):
        return Response(Outcome(False, status, code, sentence), status_code=status, media_type=MediaType.JSON,
                        headers={"Cache-Control": "no-store"})
    site: Site = request.app.state.site
    words = site.reader(request).language.words
    headline = words.gettext("Not found") if status == 404 else words.gettext("That did not work")
    return site.page(
        "error.html", request, status=status, private=True, number=status, headline=headline, sentence=sentence
    )
