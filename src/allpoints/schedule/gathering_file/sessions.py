"""The sessions of a gathering file, with their items."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.complaints import Complaint
from allpoints.schedule.gathering_file.day_times import DayTimes, Span
from allpoints.schedule.gathering_file.layout import ITEM
from allpoints.schedule.gathering_file.rows import Row, nearest
from allpoints.schedule.gathering_file.sources import SLATE
from allpoints.schedule.gathering_file.uniqueness import Uniqueness
from allpoints.schedule.gathering_file.values import spoken_length
from allpoints.schedule.model import Item, Person, Session, SourceRef, SourceSpec

_IDENTITIES = uuid.UUID("c0ffbb4e-9a3f-5d0e-8a86-1f7e6f0c2b11")
"""The namespace of identities made from keys (RFC 9562 §5.5). It never changes: subscribed calendars hold them."""


@dataclass(frozen=True)
class Cast:
    """What sessions refer to, and the identities used so far."""

    slug: str
    persons: Mapping[str, Person]
    sources: Mapping[SourceRef, SourceSpec]
    guids: Uniqueness


def read_session(row: Row, day: DayTimes | None, cast: Cast) -> Session | None:
    """One session; None where its title, identity or times cannot be used."""
    row.check_keys()
    key, title, abstract = row.name("key"), row.text("title"), row.text("abstract")
    guid = row.guid("guid") or (key and str(uuid.uuid5(_IDENTITIES, f"{cast.slug}/{key}")))
    if not row.has("key") and not row.has("guid"):
        row.complain("key", complaints.MISSING_KEY, section=row.section.called, key="key",
                     example=row.section.key("key").line)
    if guid:
        cast.guids.claim(guid, row.at("guid" if row.has("guid") else "key"))
    language = row.language("language")
    persons = _persons(row, cast.persons)
    called = next(iter(title.texts.values())) if title else key or guid or ""
    span = day.session_span(row, called) if day else None
    items = [_item(item, guid, cast) for item in row.rows("items", ITEM)]
    kept = tuple(item for item in items if item)
    if span:
        _warn_of_length(row, called, span, kept)
    if not (guid and title and span):
        return None
    return Session(
        guid=guid, title=title, starts_at=span.starts_at, ends_at=span.ends_at,
        language=language or next(iter(row.page.languages)), persons=persons, abstract=abstract, items=kept,
    )


def _item(row: Row, session_guid: str | None, cast: Cast) -> Item | None:
    row.check_keys()
    title, source, key = row.text("title"), row.word("source"), row.name("key")
    duration, speaker = row.duration("duration"), row.word("lower_third")
    if source is not None and source != SLATE and source not in cast.sources:
        _unknown(row, "source", source, cast.sources, complaints.MISSPELT_SOURCE, complaints.UNKNOWN_SOURCE)
    if speaker is not None and speaker not in cast.persons:
        _unknown(row, "lower_third", speaker, cast.persons, complaints.MISSPELT_PERSON, complaints.UNKNOWN_PERSON)
    guid, name = row.guid("guid"), key or source
    if not guid and name and session_guid:
        guid = str(uuid.uuid5(uuid.UUID(session_guid), name))
    if guid:
        cast.guids.claim(guid, row.at())
    if not (guid and title and source):
        return None
    return Item(guid=guid, title=title, source=SourceRef(source), duration=duration,
                lower_third=cast.persons.get(speaker or ""))


def _persons(row: Row, known: Mapping[str, Person]) -> tuple[Person, ...]:
    keys = row.words("people")
    for key in keys:
        if key not in known:
            _unknown(row, "people", key, known, complaints.MISSPELT_PERSON, complaints.UNKNOWN_PERSON)
    return tuple(known[key] for key in keys if key in known)


def _unknown(
    row: Row, name: str, value: str, known: Mapping[str, object] | Mapping[SourceRef, object],
    misspelt: Complaint, unknown: Complaint,
) -> None:
    near = nearest(value, known)
    if near:
        row.complain(name, misspelt, value=value, near=near)
    else:
        row.complain(name, unknown, value=value)


def _warn_of_length(row: Row, called: str, span: Span, items: Sequence[Item]) -> None:
    length = span.ends_at - span.starts_at
    together = sum((item.duration for item in items if item.duration), timedelta(0))
    if together > length:
        row.complain("items", complaints.ITEMS_TOO_LONG, session=called, items=spoken_length(together),
                     length=spoken_length(length))
