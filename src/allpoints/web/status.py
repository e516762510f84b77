"""Whether the gathering is on air, as everybody may know it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from allpoints.kernel.text.translations import Language
from allpoints.web.health.interruptions import Interruption
from allpoints.web.health.watch import HealthWatch
from allpoints.web.reader import Reader
from allpoints.web.site import Site


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


def status_of(site: Site, health: HealthWatch, reader: Reader) -> Status:
    """The status now, the next title in the reader's language."""
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
        next_title=reader.text(following.title) if following else "",
        next_at=following.starts_at if following else None,
    )


def headline_of(status: Status, language: Language) -> str:
    """The state in a word or two."""
    _ = language.words.gettext
    return {"on_air": _("On air"), "interrupted": _("Interrupted"), "off_air": _("Off air")}[status.state]


def sentence_of(status: Status, language: Language) -> str:
    """The state in a sentence."""
    _ = language.words.gettext
    if status.holding_picture:
        return _("The stream is running. A holding picture is shown at the moment.")
    return {
        "on_air": _("The stream is running."),
        "interrupted": _("Something is planned for now, and nothing goes out. We are at it."),
        "off_air": _("Nothing is planned for this moment") + ".",
    }[status.state]
