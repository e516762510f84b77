"""The Break-it panel: the audience's own player beside buttons that really break things. Only the demo has it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from allpoints.kernel.text.translations import Language
from allpoints.staff import NotSignedIn
from allpoints.web.break_protocol import BreakEvent, BreakReport
from allpoints.web.breaker_link import BreakerLink, BreakerSilent
from allpoints.web.control_pages import SIGN_IN, go_to
from allpoints.web.control_room import sentence_of
from allpoints.web.desk import Desk
from allpoints.web.player_words import player_words
from allpoints.web.reader import Reader

AnyRequest = Request[Any, Any, Any]
PAGE = "/break"
GROUPS = ("processes", "sources", "machine")


class Screen(msgspec.Struct, frozen=True):
    """What the panel's script asks for again and again: the code of the fault under way, and the log as HTML."""

    running: str | None
    log: str


@get(PAGE, include_in_schema=False)
async def panel(
    request: AnyRequest, desk: NamedDependency[Desk], breaker: NamedDependency[BreakerLink]
) -> Response[Any]:
    """The panel."""
    return await _page(request, desk, breaker, "")


@get(f"{PAGE}/screen", include_in_schema=False)
async def screen(
    request: AnyRequest, desk: NamedDependency[Desk], breaker: NamedDependency[BreakerLink]
) -> Response[Screen]:
    """The panel's moving parts."""
    await desk.gate.visitor(request)
    report, reader = await breaker.report(), desk.site.reader(request)
    return Response(Screen(report.running, log_of(desk, report, reader)), headers={"Cache-Control": "no-store"})


@post(PAGE + "/{code:str}", include_in_schema=False, status_code=303)
async def cause(
    request: AnyRequest, code: FromPath[str],
    data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)],
    desk: NamedDependency[Desk], breaker: NamedDependency[BreakerLink],
) -> Response[Any]:
    """Break one thing. Back to the page when it is begun; a refusal is told on the page at once."""
    session = await desk.gate.actor(request, data.get("csrf"))
    reader = desk.site.reader(request)
    try:
        reply = await breaker.cause(code, session.name)
    except BreakerSilent as silent:
        return await _page(request, desk, breaker, reader.language.sentence(silent), silent.status)
    if reply.refusal is not None:
        sentence = sentence_of(reply.refusal, reader.language)
        return await _page(request, desk, breaker, sentence, reply.refusal.status)
    return go_to(reader.link(PAGE))


async def _page(
    request: AnyRequest, desk: Desk, breaker: BreakerLink, refusal: str, status: int = 200
) -> Response[Any]:
    try:
        session = await desk.gate.visitor(request)
    except NotSignedIn:
        return go_to(desk.site.reader(request).link(SIGN_IN))
    reader = desk.site.reader(request)
    try:
        report = await breaker.report()
    except BreakerSilent as silent:
        report, refusal = BreakReport([], None, []), refusal or reader.language.sentence(silent)
    return desk.site.page(
        "break.html", request, private=True, status=status, session=session, csrf=desk.gate.form_token(request),
        report=report, refusal=refusal, groups=[(group, _heading(group, reader.language)) for group in GROUPS],
        log=log_of(desk, report, reader), words=player_words(reader.language),
        break_words=break_words(reader.language), moment=desk.site.moment(), is_live=desk.site.is_released_now,
    )


def log_of(desk: Desk, report: BreakReport, reader: Reader) -> str:
    """The log's HTML in the reader's language."""

    def said(event: BreakEvent) -> str:
        values = {name: reader.number(value) for name, value in event.values.items()}
        return reader.language.say(event.message, {**values, "who": reader.language.say(event.who)})

    return desk.site.fragment("parts/break_log.html", reader, happenings=report.happenings, said=said)


def _heading(group: str, language: Language) -> str:
    _ = language.words.gettext
    return {
        "processes": _("Processes"), "sources": _("Speaker and sources"), "machine": _("Disk, memory and clock"),
    }[group]


def break_words(language: Language) -> dict[str, str]:
    """The words that the panel's script needs."""
    _ = language.words.gettext
    return {
        "stalled": _("the player on this page stood still for {seconds} s"),
        "unreachable": _("The web does not answer just now; the page asks again by itself."),
    }
