"""Carrying out the crew's orders, and the words for what the stage answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec

import allpoints.contribute.refusals  # noqa: F401 - so that the errors of sources are known by their codes
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.text.translations import Language
from allpoints.kernel.timeline import Timeline
from allpoints.publish.dumps import record_dump
from allpoints.publish.simulcast import UnknownReceiver, record_wish
from allpoints.publish.standing import Notes, Standing
from allpoints.schedule.model import ReceiverRef
from allpoints.staff import StaffSession
from allpoints.stage.protocol import Refusal
from allpoints.web.orders import DumpOrder, Order, ReceiverOrder
from allpoints.web.site import Site
from allpoints.web.stage_link import StageLink, StageSilent


class Outcome(msgspec.Struct, frozen=True):
    """What came of an order. ``sentence`` is for the person who gave it; ``airing`` is now on air or taking."""

    ok: bool
    status: int
    code: str
    sentence: str
    airing: str | None = None


async def carry_out(order: Order, session: StaffSession, site: Site, link: StageLink, language: Language) -> Outcome:
    """Ask the stage, or write down what is wanted of a receiver.

    Raises StageSilent, except for DUMP: that decision is then recorded where release reads it.
    """
    if isinstance(order, ReceiverOrder):
        return await _switch(order, site, language)
    request = order.request(session.name)
    try:
        reply = await link.ask(request)
    except StageSilent:
        if not isinstance(order, DumpOrder):
            raise
        return await dump_without_stage(site, language)
    if reply.refusal is not None:
        return Outcome(False, reply.refusal.status, reply.refusal.code, sentence_of(reply.refusal, language))
    return Outcome(True, 200, "done", language.words.gettext("Done."), reply.airing)


async def _switch(order: ReceiverOrder, site: Site, language: Language) -> Outcome:
    known = {receiver.ref for receiver in site.gathering.receivers}
    ref = ReceiverRef(order.receiver)
    if ref not in known:
        raise UnknownReceiver(receiver=ref)
    await asyncio.to_thread(record_wish, site.folders, ref, order.change)
    return Outcome(True, 200, "done", language.words.gettext("Done."))


async def dump_without_stage(site: Site, language: Language) -> Outcome:
    """The stage is silent: put the decision on the disk, so that nothing held is released when it wakes."""
    now = site.clock.now()
    await asyncio.to_thread(record_dump, site.folders, Timeline(site.gathering.epoch).tick_at(now))
    standing = Notes(site.folders).read(Standing)
    if standing is None or not standing.stands_by(now):
        return Outcome(True, 200, "dump_recorded", language.words.gettext(
            "The stage does not answer. The decision to dump is on the disk: what was not yet released will not be."
        ))
    if standing.is_peer_heard:
        return Outcome(True, 200, "dump_handed_on", language.words.gettext(
            "This machine stands by. The decision goes to the one on air, which leaves what it shows."
        ))
    return Outcome(True, 200, "dump_not_heard", language.words.gettext(
        "This machine stands by and does not hear the other, which learns of it later: press DUMP there."
    ))


def sentence_of(refusal: Refusal, language: Language) -> str:
    """The stage's refusal in the reader's language; ``message`` is a message id, its fields in ``values``."""
    try:
        return language.say(refusal.message, refusal.values)
    except (KeyError, ValueError, IndexError):
        return refusal.message


def sentence_for_code(code: str, values: dict[str, str | int | float], language: Language) -> str:
    """The sentence of the error that has this code; the code itself when no error of ours has it."""
    for error in _all_errors(AllpointsError):
        if error.code == code:
            try:
                return language.say(error.for_people, values)
            except KeyError:
                return language.say(error.for_people)
    return code.replace("_", " ")


def _all_errors(base: type[AllpointsError]) -> Iterator[type[AllpointsError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _all_errors(kind)
