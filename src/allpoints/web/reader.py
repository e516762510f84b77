"""The person a page is made for: the language, and the writing of times in it. Nothing of this is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, get_timezone_location
from litestar import Request

from allpoints.kernel.text.translations import LANGUAGES, Language, for_language, name_of_language, negotiate
from allpoints.schedule.model import Localized

LANGUAGE_COOKIE = "allpoints-language"


@dataclass(frozen=True)
class Reader:
    """One request's language. ``carried``: the address itself asked for the language, so links keep it."""

    language: Language
    zone: ZoneInfo
    carried: bool = False

    def link(self, path: str) -> str:
        """A link within the site, the language carried on."""
        if not self.carried:
            return path
        path, mark, fragment = path.partition("#")
        return f"{path}{'&' if '?' in path else '?'}lang={self.language.tag}{mark}{fragment}"

    def text(self, localized: Localized | None) -> str:
        """The planned text in this language, or the nearest there is."""
        return localized.in_language(self.language.tag) if localized else ""

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
        """Such as “Friday, 2 July”."""
        return self.language.digits(format_skeleton("MMMMEEEEd", day, locale=self._dates))

    def day_of(self, instant: datetime) -> str:
        """Such as “Fri, 2 July”, in the gathering's zone."""
        day = instant.astimezone(self.zone).date()
        return self.language.digits(format_skeleton("MMMMEd", day, locale=self._dates))

    def is_same_day(self, one: datetime, other: datetime) -> bool:
        """Whether two instants fall on one date in the gathering's zone."""
        return one.astimezone(self.zone).date() == other.astimezone(self.zone).date()

    @property
    def _dates(self) -> Locale:
        """English is written with the day before the month, as most of its readers in the world do."""
        return Locale("en", "GB") if self.language.tag == "en" else self.language.locale

    def dates(self, first: date, last: date) -> str:
        """Such as “2 – 4 July 2027”."""
        locale = self._dates
        end = format_date(last, "d MMMM y", locale=locale)
        if first == last:
            return self.language.digits(end)
        pattern = "d" if (first.year, first.month) == (last.year, last.month) else "d MMMM"
        return self.language.digits(f"{format_date(first, pattern, locale=locale)} – {end}")

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
    """The language asked for: by the address, else by a choice made by hand, else by the browser."""
    asked = parse_qs(request.scope["query_string"].decode("latin-1")).get("lang", [""])[0]
    if asked in LANGUAGES:
        return Reader(for_language(asked), zone, carried=True)
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return Reader(for_language(chosen), zone)
    return Reader(for_language(negotiate(request.headers.get("accept-language", ""))), zone)
