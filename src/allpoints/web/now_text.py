"""What is on now and next as plain lines, for a terminal."""

from __future__ import annotations

from allpoints.schedule.model import Gathering, Session
from allpoints.schedule.timetable import Moment
from allpoints.web.reader import Reader
from allpoints.web.status import Status, headline_of, sentence_of


def now_text(gathering: Gathering, moment: Moment, status: Status, reader: Reader, address: str) -> str:
    """The lines, with one at the end of each. ``address`` is that of the pages."""
    _ = reader.language.words.gettext
    blocks = [[
        reader.text(gathering.title),
        f"{headline_of(status, reader.language)} · {sentence_of(status, reader.language)}",
    ]]
    if moment.current or moment.following:
        now = _told(moment.current, moment, reader) if moment.current else [_("Nothing is planned for this moment")]
        next_ = _told(moment.following, moment, reader) if moment.following else [_("Nothing more is planned.")]
        blocks += [_headed(_("NOW"), now), _headed(_("NEXT"), next_)]
    elif gathering.days and moment.at >= gathering.days[-1].ends_at:
        blocks.append([_("The gathering is over. Thank you for being there.")])
    else:
        blocks.append([_("The schedule is not out yet.")])
    blocks.append([f"{_('Watch')}: {address}/watch", f"{_('Schedule')}: {address}/schedule"])
    return "\n".join("\n".join([*block, ""]) for block in blocks)


def _headed(heading: str, lines: list[str]) -> list[str]:
    return [f"{heading}: {lines[0]}", *(f"  {line}" for line in lines[1:])]


def _told(session: Session, moment: Moment, reader: Reader) -> list[str]:
    persons = " · ".join(reader.text(person.name) for person in session.persons)
    day = "" if reader.is_same_day(session.starts_at, moment.at) else f"{reader.day_of(session.starts_at)}, "
    place = reader.language.words.gettext("%(place)s time") % {"place": reader.zone_place}
    when = f"{day}{reader.time(session.starts_at)}–{reader.time(session.ends_at)}, {place}"
    return [line for line in (reader.text(session.title), persons, when) if line]
