"""Reading one table of a gathering file, key by key; what is wrong is noted and read on."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.complaints import Complaint
from allpoints.schedule.gathering_file.languages import known_language, near_language
from allpoints.schedule.gathering_file.layout import Key, Section
from allpoints.schedule.gathering_file.positions import KeyPath, Position, Positions
from allpoints.schedule.gathering_file.problems import ProblemList
from allpoints.schedule.gathering_file.values import TimeOfDay, calendar_date, length_of_time, time_of_day
from allpoints.schedule.model import Localized

_FOUND = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table",
          date: "a date", time: "a time", datetime: "a date with a time"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Page:
    """What every row of one file shares. ``languages`` is empty where the file's list is unusable."""

    positions: Positions
    problems: ProblemList
    languages: Sequence[str] = ()


class Row:
    """One table. Getters answer None where the key is absent or wrong; wrong ones are noted on the page."""

    def __init__(self, page: Page, section: Section, path: KeyPath, table: Mapping[str, Any]) -> None:
        self.page = page
        self.section = section
        self.path = path
        self._table = table

    def check_keys(self) -> None:
        """Note the keys that have no meaning here and those that are missing."""
        for name in self._table:
            if name not in self.section.names:
                near = nearest(name, self.section.names)
                known = ", ".join(self.section.names)
                if near:
                    self.complain(name, complaints.MISSPELT_KEY, key=name, near=near)
                else:
                    self.complain(name, complaints.UNKNOWN_KEY, key=name, known=known)
        for key in self.section.keys:
            if key.required and key.name not in self._table:
                self.complain(key.name, complaints.MISSING_KEY, section=self.section.called, key=key.name,
                              example=key.line)

    def has(self, name: str) -> bool:
        """Whether the key is written, rightly or wrongly."""
        return name in self._table

    def at(self, *steps: str | int) -> Position:
        """Where a key of this row stands, or the row itself."""
        return self.page.positions.nearest((*self.path, *steps))

    def complain(self, name: str, complaint: Complaint, **values: str | int) -> None:
        """Note a problem at one of this row's keys."""
        self.page.problems.add(self.at(name), complaint, **values)

    def row(self, name: str, section: Section) -> Row | None:
        """The table of a key."""
        table = self._raw(name, dict)
        return None if table is None else Row(self.page, section, (*self.path, name), table)

    def rows(self, name: str, section: Section) -> list[Row]:
        """The tables of an array of tables."""
        tables = self._raw(name, list)
        if tables is None:
            return []
        if not tables and self.section.key(name).required:
            self.complain(name, complaints.EMPTY_TEXT, key=name)
        if not all(isinstance(table, dict) for table in tables):
            self._wrong_type(self.section.key(name), tables)
            return []
        return [Row(self.page, section, (*self.path, name, index), table) for index, table in enumerate(tables)]

    def text(self, name: str) -> Localized | None:
        """A text, or a table of texts by language tag; the main language first."""
        value = self._raw(name, str | dict)
        if value is None or not self.page.languages:
            return None
        main = self.page.languages[0]
        texts = {main: value} if isinstance(value, str) else value
        unusable = [language for language, written in texts.items() if not self._usable(name, language, written)]
        if main not in texts:
            self.complain(name, complaints.NO_MAIN_LANGUAGE, key=name, language=main)
            return None
        ordered = {tag: texts[tag] for tag in self.page.languages if tag in texts}
        return None if unusable else Localized(ordered)

    def _usable(self, name: str, language: str, text: object) -> bool:
        at = self.at(name, language)
        if language not in self.page.languages:
            self.page.problems.add(at, complaints.UNLISTED_LANGUAGE, value=language)
        elif not isinstance(text, str):
            self._wrong_type(self.section.key(name), text, at)
        elif not text.strip():
            self.page.problems.add(at, complaints.EMPTY_TEXT, key=name)
        elif found := _CONTROL.search(text):
            self.page.problems.add(at, complaints.BAD_TEXT, key=name, number=ord(found[0]))
        else:
            return True
        return False

    def word(self, name: str) -> str | None:
        """A text that is the same in every language."""
        value: str | None = self._raw(name, str)
        if value is None:
            return None
        if not value.strip():
            self.complain(name, complaints.EMPTY_TEXT, key=name)
            return None
        if found := _CONTROL.search(value):
            self.complain(name, complaints.BAD_TEXT, key=name, number=ord(found[0]))
            return None
        return value

    def name(self, name: str) -> str | None:
        """A short lasting key: small letters, digits, hyphens."""
        value = self.word(name)
        if value is None or (_NAME.fullmatch(value) and len(value) <= 60):
            return value
        near = "-".join(re.findall(r"[a-z0-9]+", value.lower()))[:60] or "harbour-live"
        self.complain(name, complaints.BAD_NAME, value=value, key=name, near=near)
        return None

    def guid(self, name: str) -> str | None:
        """A GUID in its usual form (RFC 9562 §4)."""
        value = self.word(name)
        if value is None:
            return None
        try:
            canonical = str(uuid.UUID(value))
        except ValueError:
            canonical = ""
        if canonical == value.lower():
            return canonical
        self.complain(name, complaints.BAD_GUID, value=value, near=canonical or str(uuid.uuid4()))
        return None

    def flag(self, name: str) -> bool:
        """True or false; false where absent."""
        return bool(self._raw(name, bool))

    def language(self, name: str) -> str | None:
        """A language tag that CLDR knows."""
        value = self.word(name)
        if value is None or known_language(value):
            return value
        self.complain(name, complaints.UNKNOWN_LANGUAGE, value=value, near=near_language(value))
        return None

    def words(self, name: str) -> list[str]:
        """A list of texts; doubles are noted and left out."""
        values = self._raw(name, list)
        if values == [] and self.section.key(name).required:
            self.complain(name, complaints.EMPTY_TEXT, key=name)
        kept: list[str] = []
        for index, value in enumerate(values or ()):
            at = self.at(name, index)
            if not isinstance(value, str):
                self._wrong_type(self.section.key(name), value, at)
            elif value in kept:
                self.page.problems.add(at, complaints.REPEATED, value=value, key=name)
            else:
                kept.append(value)
        return kept

    def date(self, name: str) -> date | None:
        """A calendar date."""
        value = self._raw(name, str | date)
        if isinstance(value, datetime):
            self._wrong_type(self.section.key(name), value)
            return None
        return self._checked(name, complaints.BAD_DATE, value, calendar_date)

    def time(self, name: str) -> TimeOfDay | None:
        """A local time of day, up to 24:00, or a date and time with its offset."""
        written = self._raw(name, str | time | datetime)
        moment = None if written is None else time_of_day(written)
        if written is not None and moment is None:
            self._wrong_value(name, complaints.BAD_TIME, written)
        return moment

    def duration(self, name: str) -> timedelta | None:
        """A length such as "4:30" or "1:02:00", or a number of seconds; longer than nothing, at most a week."""
        return self._checked(name, complaints.BAD_DURATION, self._raw(name, str | int | float), length_of_time)

    def _checked(
        self, name: str, complaint: Complaint, written: Any, meaning: Callable[[Any], _Value | None]
    ) -> _Value | None:
        if written is None:
            return None
        value = meaning(written)
        if value is None:
            self._wrong_value(name, complaint, written)
        return value

    def _wrong_value(self, name: str, complaint: Complaint, written: object) -> None:
        self.complain(name, complaint, value=str(written), example=self.section.key(name).line)

    def _raw(self, name: str, kind: Any) -> Any:
        """The value of a key if it is of ``kind``; a bool is no number and a date no date with a time."""
        value = self._table.get(name)
        if value is None:
            return None
        if isinstance(value, kind) and (not isinstance(value, bool) or kind is bool):
            return value
        self._wrong_type(self.section.key(name), value)
        return None

    def _wrong_type(self, key: Key, value: object, at: Position | None = None) -> None:
        found = _FOUND.get(type(value), "something else")
        self.page.problems.add(at or self.at(key.name), complaints.WRONG_TYPE, key=key.name, found=found,
                               expected=key.kind.value, example=key.line)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """What was probably meant, if anything is near."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), None)
