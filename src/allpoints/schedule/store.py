"""The gathering in the database: put there once from its file, owned by the database from then on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.storage import Storage
from allpoints.schedule.gathering_file.writing import write_gathering_toml
from allpoints.schedule.model import (
    Day,
    Gathering,
    Item,
    Localized,
    Person,
    Receiver,
    ReceiverRef,
    Session,
    SourceKind,
    SourceRef,
    SourceSpec,
    Trace,
)
from allpoints.schedule.tables import DAY, GATHERING, ITEM, PERSON, RECEIVER, SESSION, SESSION_PERSON, SOURCE


class NoGathering(AllpointsError):
    """The database has not been seeded."""

    code = "no_gathering"
    status = 503
    for_people = "No gathering is planned here yet. Write one with “allpoints init”, then run “allpoints serve”."


def seed_once(storage: Storage, gathering: Gathering, now: datetime) -> bool:
    """Put the gathering into a database that has none; its epoch becomes midnight UTC of the day of ``now``.

    False, and nothing is changed, if there is one already. All or nothing, whatever ends the process meanwhile.
    """
    epoch = datetime.combine(now.astimezone(UTC).date(), time(0), UTC)
    with storage.write() as connection:
        if connection.execute(sa.select(GATHERING.c.id)).first():
            return False
        _insert(connection, replace(gathering, epoch=epoch))
    return True


def differs_from_seed(storage: Storage, gathering: Gathering) -> bool:
    """Whether ``gathering`` is planned otherwise than the one that was seeded, so that its changes have no effect.

    Changes made in the database since do not count, nor does the epoch. Raises NoGathering.
    """
    with storage.read() as connection:
        return bool(_gathering_row(connection).seed_digest != _digest(gathering))


def take_trace(storage: Storage, gathering: Gathering) -> None:
    """Plan what viewers' devices are left with as ``gathering`` has it, and nothing else. Raises NoGathering."""
    planned = load_gathering(storage)
    with storage.write() as connection:
        seed = {}
        if replace(gathering, epoch=planned.epoch, trace=planned.trace) == planned:  # then all of it is in force
            seed = {"seed_digest": _digest(gathering)}
        connection.execute(sa.update(GATHERING).values(**seed, **_trace_row(gathering.trace)))


def load_gathering(storage: Storage) -> Gathering:
    """The gathering as the database has it. Raises NoGathering."""
    with storage.read() as connection:
        row = _gathering_row(connection)
        persons = {p.key: _person(p) for p in connection.execute(sa.select(PERSON).order_by(PERSON.c.position))}
        sources = [_source(s) for s in connection.execute(sa.select(SOURCE).order_by(SOURCE.c.position))]
        receivers = [_receiver(r) for r in connection.execute(sa.select(RECEIVER).order_by(RECEIVER.c.position))]
        sessions = _sessions(connection, persons)
        days = [
            Day(day.date, day.starts_at, day.ends_at, tuple(s for of_day, s in sessions if of_day == day.date))
            for day in connection.execute(sa.select(DAY).order_by(DAY.c.starts_at))
        ]
    return Gathering(
        slug=row.slug, title=Localized(row.title), tagline=Localized(row.tagline), languages=tuple(row.languages),
        zone=row.zone, epoch=row.epoch, days=tuple(days), persons=tuple(persons.values()), sources=tuple(sources),
        slate=Localized(row.slate), receivers=tuple(receivers),
        trace=Trace(row.low_trace, _text(row.neutral_title), row.neutral_icon),
    )


def _digest(gathering: Gathering) -> str:
    return hashlib.sha256(write_gathering_toml(gathering).encode()).hexdigest()


def _gathering_row(connection: sa.Connection) -> Any:
    row = connection.execute(sa.select(GATHERING)).first()
    if row is None:
        raise NoGathering
    return row


def _insert(connection: sa.Connection, gathering: Gathering) -> None:
    def insert(table: sa.Table, rows: list[dict[str, object]]) -> None:
        if rows:
            connection.execute(sa.insert(table), rows)

    insert(GATHERING, [{
        "id": 1, "slug": gathering.slug, "title": gathering.title.texts, "tagline": gathering.tagline.texts,
        "languages": list(gathering.languages), "zone": gathering.zone, "slate": gathering.slate.texts,
        "epoch": gathering.epoch, "seed_digest": _digest(gathering), **_trace_row(gathering.trace),
    }])
    insert(PERSON, [
        {"key": person.key, "position": n, "name": person.name.texts, "about": person.about and person.about.texts}
        for n, person in enumerate(gathering.persons)
    ])
    insert(SOURCE, [
        {"ref": source.ref, "position": n, "name": source.name.texts, "kind": source.kind.value,
         "path": source.path and str(source.path), "stream_key": source.stream_key, "loop": source.loop}
        for n, source in enumerate(gathering.sources)
    ])
    insert(RECEIVER, [
        {"ref": receiver.ref, "position": n, "name": receiver.name.texts, "url": receiver.url,
         "stream_key": receiver.stream_key, "rendition": receiver.rendition, "enabled": receiver.enabled}
        for n, receiver in enumerate(gathering.receivers)
    ])
    insert(DAY, [{"date": day.date, "starts_at": day.starts_at, "ends_at": day.ends_at} for day in gathering.days])
    insert(SESSION, [
        {"guid": session.guid, "day": day.date, "title": session.title.texts, "starts_at": session.starts_at,
         "ends_at": session.ends_at, "language": session.language,
         "abstract": session.abstract and session.abstract.texts}
        for day in gathering.days for session in day.sessions
    ])
    sessions = [session for day in gathering.days for session in day.sessions]
    insert(SESSION_PERSON, [
        {"session": session.guid, "position": n, "person": person.key}
        for session in sessions for n, person in enumerate(session.persons)
    ])
    insert(ITEM, [
        {"guid": item.guid, "session": session.guid, "position": n, "title": item.title.texts, "source": item.source,
         "duration": item.duration, "lower_third": item.lower_third and item.lower_third.key}
        for session in sessions for n, item in enumerate(session.items)
    ])


def _trace_row(trace: Trace) -> dict[str, object]:
    return {"low_trace": trace.low, "neutral_title": trace.neutral_title and trace.neutral_title.texts,
            "neutral_icon": trace.neutral_icon}


def _sessions(connection: sa.Connection, persons: Mapping[str, Person]) -> list[tuple[Any, Session]]:
    """All sessions in order of time, each with the date of its day."""
    speakers = connection.execute(sa.select(SESSION_PERSON).order_by(SESSION_PERSON.c.position)).all()
    items = connection.execute(sa.select(ITEM).order_by(ITEM.c.position)).all()
    return [
        (row.day, Session(
            guid=row.guid, title=Localized(row.title), starts_at=row.starts_at, ends_at=row.ends_at,
            language=row.language, abstract=_text(row.abstract),
            persons=tuple(persons[speaker.person] for speaker in speakers if speaker.session == row.guid),
            items=tuple(_item(item, persons) for item in items if item.session == row.guid),
        ))
        for row in connection.execute(sa.select(SESSION).order_by(SESSION.c.starts_at))
    ]


def _item(row: Any, persons: Mapping[str, Person]) -> Item:
    return Item(row.guid, Localized(row.title), SourceRef(row.source), row.duration, persons.get(row.lower_third))


def _person(row: Any) -> Person:
    return Person(row.key, Localized(row.name), _text(row.about))


def _source(row: Any) -> SourceSpec:
    path = None if row.path is None else Path(row.path)
    return SourceSpec(SourceRef(row.ref), Localized(row.name), SourceKind(row.kind), path, row.stream_key, row.loop)


def _receiver(row: Any) -> Receiver:
    return Receiver(
        ReceiverRef(row.ref), Localized(row.name), row.url, row.stream_key, row.rendition, row.enabled
    )


def _text(texts: Mapping[str, str] | None) -> Localized | None:
    return None if texts is None else Localized(texts)
