"""A gathering as the text of a file that reads back as the same gathering."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from allpoints.schedule.gathering_file.day_times import DayTimes
from allpoints.schedule.gathering_file.values import spoken_length, spoken_time
from allpoints.schedule.local_times import instant_of
from allpoints.schedule.model import Day, Gathering, Item, Localized, Person, Receiver, Session, SourceSpec, Trace


def write_gathering_toml(gathering: Gathering, *, folder: Path | None = None) -> str:
    """The text of ``gathering.toml``; all but the epoch reads back equal.

    ``folder`` is where the file will lie: paths beneath it are written relative to it, others in full.
    """
    return "\n".join(_lines(gathering, folder)) + "\n"


def _lines(gathering: Gathering, folder: Path | None) -> Iterator[str]:
    zone = ZoneInfo(gathering.zone)
    yield f"slug = {_quoted(gathering.slug)}"
    yield f"name = {_text(gathering.title)}"
    yield f"tagline = {_text(gathering.tagline)}"
    yield f"languages = {_list(gathering.languages)}"
    yield f"zone = {_quoted(gathering.zone)}"
    yield f"slate = {_text(gathering.slate)}"
    if gathering.trace != Trace():
        yield from ("", "[trace]", *_trace(gathering.trace))
    for person in gathering.persons:
        yield from ("", "[[people]]", *_person(person))
    for source in gathering.sources:
        yield from ("", "[[sources]]", *_source(source, folder))
    for receiver in gathering.receivers:
        yield from ("", "[[receivers]]", *_receiver(receiver))
    for day in gathering.days:
        times = DayTimes.of(day, zone)
        yield from ("", "[[days]]", *_day(day, times))
        for session in day.sessions:
            yield from ("", "[[days.sessions]]", *_session(session, times))
            for item in session.items:
                yield from ("", "[[days.sessions.items]]", *_item(item, session))


def _trace(trace: Trace) -> Iterator[str]:
    if trace.low:
        yield "low = true"
    if trace.neutral_title:
        yield f"neutral_title = {_text(trace.neutral_title)}"
    if trace.neutral_icon:
        yield "neutral_icon = true"


def _person(person: Person) -> Iterator[str]:
    yield f"key = {_quoted(person.key)}"
    yield f"name = {_text(person.name)}"
    if person.about:
        yield f"about = {_text(person.about)}"


def _source(source: SourceSpec, folder: Path | None) -> Iterator[str]:
    yield f"key = {_quoted(source.ref)}"
    yield f"name = {_text(source.name)}"
    yield f"kind = {_quoted(source.kind)}"
    if source.path:
        inside = folder and source.path.is_relative_to(folder)
        yield f"path = {_quoted(str(source.path.relative_to(folder) if folder and inside else source.path))}"
    if source.stream_key:
        yield f"stream_key = {_quoted(source.stream_key)}"
    if source.loop:
        yield "loop = true"


def _receiver(receiver: Receiver) -> Iterator[str]:
    yield f"key = {_quoted(receiver.ref)}"
    yield f"name = {_text(receiver.name)}"
    yield f"url = {_quoted(receiver.url)}"
    if receiver.stream_key:
        yield f"stream_key = {_quoted(receiver.stream_key)}"
    if receiver.rendition:
        yield f"rendition = {_quoted(receiver.rendition)}"
    if not receiver.enabled:
        yield "enabled = false"


def _day(day: Day, times: DayTimes) -> Iterator[str]:
    yield f"date = {day.date.isoformat()}"
    midnight = times.midnight
    opens, closes = times.opens - midnight, times.closes - midnight
    ends_within = opens < closes < timedelta(days=1) or timedelta(0) <= closes - timedelta(days=1) <= opens
    starts_plain = timedelta(0) <= opens < timedelta(days=1)
    yield f"starts = {_time(times.opens, day.starts_at, times.span.zone, plain=starts_plain)}"
    yield f"ends = {_time(times.closes, day.ends_at, times.span.zone, plain=starts_plain and ends_within)}"


def _session(session: Session, times: DayTimes) -> Iterator[str]:
    zone = times.span.zone
    begin, end = (instant.astimezone(zone).replace(tzinfo=None) for instant in (session.starts_at, session.ends_at))
    plain = times.local_times(_since_midnight(begin), _since_midnight(end)) == (begin, end)
    yield f"guid = {_quoted(session.guid)}"
    yield f"title = {_text(session.title)}"
    yield f"starts = {_time(begin, session.starts_at, zone, plain=plain)}"
    yield f"ends = {_time(end, session.ends_at, zone, plain=plain)}"
    yield f"language = {_quoted(session.language)}"
    if session.persons:
        yield f"people = {_list([person.key for person in session.persons])}"
    if session.abstract:
        yield f"abstract = {_text(session.abstract)}"


def _item(item: Item, session: Session) -> Iterator[str]:
    if item.guid != str(uuid.uuid5(uuid.UUID(session.guid), item.source)):
        yield f"guid = {_quoted(item.guid)}"
    yield f"title = {_text(item.title)}"
    yield f"source = {_quoted(item.source)}"
    if item.duration:
        whole = item.duration % timedelta(seconds=1) == timedelta(0) and item.duration < timedelta(days=1)
        seconds = item.duration.total_seconds()
        yield f"duration = {_quoted(spoken_length(item.duration)) if whole else seconds}"
    if item.lower_third:
        yield f"lower_third = {_quoted(item.lower_third.key)}"


def _time(local: datetime, instant: datetime, zone: ZoneInfo, *, plain: bool) -> str:
    """The time of day where that reads back as the same instant, else the instant with its offset."""
    if plain and not local.microsecond and instant_of(local, zone) == instant:
        return _quoted(spoken_time(local))
    return instant.astimezone(zone).isoformat()


def _since_midnight(local: datetime) -> timedelta:
    return local - datetime.combine(local.date(), time(0))


def _text(text: Localized) -> str:
    if len(text.texts) == 1:
        return _quoted(next(iter(text.texts.values())))
    return "{ " + ", ".join(f"{tag} = {_quoted(written)}" for tag, written in text.texts.items()) + " }"


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, words)) + "]"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, which asks for one more."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
