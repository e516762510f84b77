"""From the text of a gathering file to a Gathering, or to everything that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.complaints import Severity
from allpoints.schedule.gathering_file.days import read_days
from allpoints.schedule.gathering_file.languages import known_language, near_language
from allpoints.schedule.gathering_file.layout import GATHERING, PERSON, RECEIVER, SOURCE, TRACE
from allpoints.schedule.gathering_file.positions import Position, Positions
from allpoints.schedule.gathering_file.problems import GatheringFileError, Problem, ProblemList
from allpoints.schedule.gathering_file.receivers import read_receivers
from allpoints.schedule.gathering_file.rows import Page, Row, nearest
from allpoints.schedule.gathering_file.sources import read_sources
from allpoints.schedule.gathering_file.uniqueness import Uniqueness
from allpoints.schedule.local_times import zone_names
from allpoints.schedule.model import Gathering, Localized, Person, Trace

LARGEST_BYTES = 4_000_000


@dataclass(frozen=True)
class Reading:
    """What came of reading a file: the gathering, unless a problem is an error, and all problems in line order."""

    gathering: Gathering | None
    problems: tuple[Problem, ...]


def load_gathering_file(path: Path) -> Gathering:
    """The gathering that the file describes; its epoch is midnight UTC of the first day until it is seeded.

    Raises GatheringFileError with all errors at once; warnings do not count.
    """
    reading = read_gathering_file(path)
    if reading.gathering is None:
        errors = [problem for problem in reading.problems if problem.severity is Severity.ERROR]
        raise GatheringFileError(path, errors)
    return reading.gathering


def check_gathering_file(path: Path) -> list[Problem]:
    """All errors and warnings, in line order; empty if the file is good. Never raises for what a file may hold."""
    return list(read_gathering_file(path).problems)


def read_gathering_file(path: Path) -> Reading:
    """Read the file at ``path``; paths in it are resolved against its folder."""
    try:
        with path.open("rb") as file:
            document = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        problem = Problem(1, 1, complaints.UNREADABLE, {"reason": error.strerror or type(error).__name__})
        return Reading(None, (problem,))
    return read_gathering(document, path.resolve().parent)


def read_gathering(document: bytes, folder: Path) -> Reading:
    """Read a file's bytes; ``folder`` is where its relative paths begin."""
    problems = ProblemList()
    table = _parsed(document, problems)
    gathering = None if table is None else _gathering(table, Page(Positions.of(document), problems), folder)
    found = problems.in_order()
    if any(problem.severity is Severity.ERROR for problem in found):
        gathering = None
    return Reading(gathering, tuple(found))


def _parsed(document: bytes, problems: ProblemList) -> dict[str, Any] | None:
    if len(document) > LARGEST_BYTES:
        problems.add(Position(1, 1), complaints.TOO_LARGE, limit=LARGEST_BYTES // 1_000_000)
        return None
    try:
        return tomllib.loads(document.decode())
    except UnicodeDecodeError as error:
        line_start = document.rfind(b"\n", 0, error.start) + 1
        column = len(document[line_start:error.start].decode(errors="replace")) + 1
        problems.add(Position(document.count(b"\n", 0, error.start) + 1, column), complaints.NOT_UTF8)
    except tomllib.TOMLDecodeError as error:
        position, reason = _place_of(error, document)
        problems.add(position, complaints.BAD_SYNTAX, reason=reason)
    except (RecursionError, ValueError) as error:  # thousands of brackets; a number of thousands of digits
        reason = "brackets within too many brackets" if isinstance(error, RecursionError) else "a number is too long"
        problems.add(Position(1, 1), complaints.BAD_SYNTAX, reason=reason)
    return None


def _place_of(error: tomllib.TOMLDecodeError, document: bytes) -> tuple[Position, str]:
    """Before Python 3.14 the position of a syntax error is only in its sentence."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    if found is None:
        return Position(1, 1), str(error)
    if found[2] is None:
        lines = document.decode().split("\n")
        return Position(len(lines), len(lines[-1]) + 1), found[1] + " at the end of the file"
    return Position(int(found[2]), int(found[3])), found[1]


def _gathering(table: dict[str, Any], page: Page, folder: Path) -> Gathering | None:
    top = Row(page, GATHERING, (), table)
    top.check_keys()
    page = Page(page.positions, page.problems, _languages(top))
    top = Row(page, GATHERING, (), table)
    slug, title, tagline, slate = top.name("slug"), top.text("name"), top.text("tagline"), top.text("slate")
    zone = _zone(top)
    trace = _trace(top)
    persons = _persons(top)
    sources = read_sources(top.rows("sources", SOURCE), folder)
    receivers = read_receivers(top.rows("receivers", RECEIVER))
    days = read_days(top, slug or "", zone, persons, sources)
    if not (slug and title and tagline and slate and zone and days):
        return None
    return Gathering(
        slug=slug, title=title, tagline=tagline, languages=tuple(page.languages), zone=zone.key,
        epoch=midnight_before(days[0].starts_at), days=days, persons=tuple(persons.values()),
        sources=tuple(sources.values()), slate=slate, receivers=tuple(receivers.values()),
        trace=trace,
    )


def midnight_before(instant: datetime) -> datetime:
    """Midnight UTC of the instant's day."""
    return datetime.combine(instant.astimezone(UTC).date(), time(0), UTC)


def _languages(top: Row) -> list[str]:
    """The languages of the file; none if the list cannot be used, so that no text is judged by it."""
    tags = top.words("languages")
    known = [tag for tag in tags if known_language(tag)]
    for tag in tags:
        if tag not in known:
            top.complain("languages", complaints.UNKNOWN_LANGUAGE, value=tag, near=near_language(tag))
    return known if known == tags else []


def _zone(top: Row) -> ZoneInfo | None:
    name = top.word("zone")
    if name is None:
        return None
    if name in (known := zone_names()):
        return ZoneInfo(name)
    by_city = {zone.rsplit("/", 1)[-1]: zone for zone in sorted(known)}
    near = nearest(name, known) or by_city.get(nearest(name.rsplit("/", 1)[-1], by_city) or "", "Europe/Lisbon")
    top.complain("zone", complaints.UNKNOWN_ZONE, value=name, near=near)
    return None


def _trace(top: Row) -> Trace:
    row = top.row("trace", TRACE)
    if row is None:
        return Trace()
    row.check_keys()
    return Trace(row.flag("low"), row.text("neutral_title"), row.flag("neutral_icon"))


def _persons(top: Row) -> dict[str, Person]:
    persons: dict[str, Person] = {}
    keys = Uniqueness(top.page.problems, complaints.DUPLICATE_NAME)
    for row in top.rows("people", PERSON):
        row.check_keys()
        key, name, about = row.name("key"), row.text("name"), row.text("about")
        if key is not None and keys.claim(key, row.at("key"), key="key", value=key):
            # A person whose name is wrong is listed all the same, or each reference would be called wrong as well.
            persons[key] = Person(key=key, name=name or Localized({"en": key}), about=about)
    return persons
