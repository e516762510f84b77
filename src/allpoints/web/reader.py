"""The person a page is made for: the language, and the writing of times in it. Nothing of this is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from litestar import Request
from markupsafe import Markup, escape

from allpoints.kernel.text.dates import day_range, weekday_and_day
from allpoints.kernel.text.translations import (
    LANGUAGES,
    PSEUDO,
    Language,
    for_language,
    name_of_language,
    negotiate,
)
from allpoints.schedule.model import Localized

_OF_A_PAGE = frozenset({"view", "link", "show", "rung", "ticket", "every"})
"""What an address may say beside the language that belongs to the page and not to one visit."""

LINES = frozenset({"low", "full"})


@dataclass(frozen=True)
class Reader:
    """One request's language and line. ``carried``: the address itself asked for the language, so links keep it.

    ``line`` is what the address says of the line: ``low`` if it is weak, ``full`` if it is not, or nothing; links
    keep that too. ``saves_data``: the browser asks to be spared.
    """

    language: Language
    zone: ZoneInfo
    carried: bool = False
    line: str = ""
    saves_data: bool = False

    @property
    def is_on_weak_line(self) -> bool:
        """Whether pages are to play sound alone in long segments. What the address says goes first."""
        return self.line == "low" or (self.saves_data and self.line != "full")

    def link(self, path: str, *, line: str | None = None) -> str:
        """A link within the site: the language carried on, and what is said of the line unless ``line`` is now."""
        path, mark, fragment = path.partition("#")
        lines = self.line if line is None else line
        said = [*([f"lang={self.language.tag}"] if self.carried else []), *([f"link={lines}"] if lines else [])]
        for each in said:
            path += f"{'&' if '?' in path else '?'}{each}"
        return f"{path}{mark}{fragment}"

    def form(self, path: str) -> str:
        """Where a form goes whose answer is in this language, however the language was found: what is made once for
        all who read it knows nothing of the address of each."""
        return f"{path}?lang={self.language.tag}"

    def text(self, localized: Localized | None) -> str:
        """The planned text in this language, or the nearest there is."""
        return localized.in_language(self.language.tag) if localized else ""

    def said(self, localized: Localized | None) -> str:
        """The same for the body of a page: what is said in another language is marked as that, for screen readers and
        for its direction."""
        if localized is None:
            return ""
        tag = localized.nearest(self.language.tag)
        text = escape(localized.texts[tag])
        return text if tag == self.language.tag else Markup('<bdi lang="{}">{}</bdi>').format(tag, text)

    def number(self, value: object) -> str:
        """Digits of the language."""
        return self.language.digits(value)

    def time(self, instant: datetime) -> str:
        """Hours and minutes in the gathering's zone."""
        return self.language.digits(instant.astimezone(self.zone).strftime("%H:%M"))

    def time_to_second(self, instant: datetime) -> str:
        """Hours, minutes and seconds in the gathering's zone."""
        return self.language.digits(instant.astimezone(self.zone).strftime("%H:%M:%S"))

    def day(self, day: date) -> str:
        """Such as “Friday 2 July”."""
        return weekday_and_day(day, self.language)

    def day_of(self, instant: datetime) -> str:
        """Such as “Fri 2 July”, in the gathering's zone."""
        return weekday_and_day(instant.astimezone(self.zone).date(), self.language, short=True)

    def is_same_day(self, one: datetime, other: datetime) -> bool:
        """Whether two instants fall on one date in the gathering's zone."""
        return one.astimezone(self.zone).date() == other.astimezone(self.zone).date()

    def dates(self, first: date, last: date) -> str:
        """Such as “2–4 July 2027”."""
        return day_range(first, last, self.language)

    def duration(self, length_ms: int) -> str:
        """Minutes and seconds, hours where there are any: “4:12”, “1:04:12”."""
        seconds = int(timedelta(milliseconds=length_ms).total_seconds())
        hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
        return self.language.digits(f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}")

    def lasting(self, seconds: int) -> str:
        """Hours and minutes, such as “11 h 20 min”."""
        said = self.language.words.gettext("{hours} h {minutes} min")
        hours, minutes = divmod(seconds // 60, 60)
        return said.format(hours=self.language.digits(hours), minutes=self.language.digits(minutes))

    def minutes(self, length: timedelta) -> str:
        """Such as “45 minutes”."""
        count = round(length.total_seconds() / 60)
        said = self.language.words.ngettext("{count} minute", "{count} minutes", count)
        return said.format(count=self.language.digits(count))

    @property
    def zone_place(self) -> str:
        """The place that the gathering's zone is named for."""
        return str(get_timezone_location(self.zone.key, locale=self.language.locale, return_city=True))

    def language_name(self, tag: str) -> str:
        """The name of another language in this one."""
        return name_of_language(tag, self.language)


def reader_of(request: Request[Any, Any, Any], zone: ZoneInfo) -> Reader:
    """The language asked for by the address, which links carry on; else the browser's. Nothing else keeps it. The
    same for the line."""
    asked = parse_qs(request.scope["query_string"].decode("latin-1"))
    language, line = (asked.get(name, [""])[0] for name in ("lang", "link"))
    carried = language in LANGUAGES or language == PSEUDO
    return Reader(
        for_language(language if carried else negotiate(request.headers.get("accept-language", ""))), zone, carried,
        line if line in LINES else "", request.headers.get("save-data", "").lower() == "on",
    )


def in_other_languages(request: Request[Any, Any, Any]) -> dict[str, str]:
    """For each language the address of this same page in it."""
    kept = [(name, value) for name, value in parse_qsl(request.scope["query_string"].decode("latin-1"))
            if name in _OF_A_PAGE]
    path = "/" + request.url.path.lstrip("/\\")  # two slashes would lead to another site
    return {tag: f"{quote(path)}?{urlencode([*kept, ('lang', tag)])}" for tag in LANGUAGES}
