"""Dates as people write them: day before month, spelled out, in the calendar that readers of the language live by.

The patterns are CLDR's. Babel knows the Gregorian calendar alone; Persian is written in the Solar Hijri one.
"""

from __future__ import annotations

import re
from datetime import date

from babel import Locale
from babel.dates import format_date, get_day_names, match_skeleton
from persiantools.jdatetime import JalaliDate

from allpoints.kernel.text.translations import Language

PERSIAN = "fa"
_FIELDS = re.compile(r"'[^']*'|[Ec]+|[ML]{3,}")


def weekday_and_day(day: date, language: Language, *, short: bool = False) -> str:
    """Such as “Friday 2 July”; with ``short`` “Fri 2 July”."""
    if language.tag == PERSIAN:
        weekday = get_day_names("abbreviated" if short else "wide", "stand-alone", language.locale)[day.weekday()]
        return language.digits(f"{weekday} {_persian(day, '%-d %B')}")
    locale = _manner(language)
    patterns = locale.datetime_skeletons
    pattern = str(patterns[match_skeleton("MMMMEEEEd", patterns)].pattern)
    return language.digits(format_date(day, _spelled_out(pattern, 3 if short else 4), locale=locale))


def day_range(first: date, last: date, language: Language) -> str:
    """Such as “2–4 July 2027”."""
    locale = _manner(language)
    if language.tag == PERSIAN:
        return language.digits(_persian_range(first, last))
    if first == last:
        return language.digits(format_date(first, "long", locale=locale))
    differs = "y" if first.year != last.year else "M" if first.month != last.month else "d"
    begins, ends = locale.interval_formats["yMMMd"][differs]
    return language.digits("".join(format_date(day, _spelled_out(pattern, 4), locale=locale)
                                   for day, pattern in ((first, begins), (last, ends))))


def _manner(language: Language) -> Locale:
    """English is written with the day before the month, as most of its readers in the world do."""
    return Locale("en", "GB") if language.locale.language == "en" else language.locale


def _spelled_out(pattern: str, weekday: int) -> str:
    """A CLDR pattern with its month, where that has a name, and its weekday at full length."""

    def field(found: re.Match[str]) -> str:
        letter = found[0][0]
        return found[0] if letter == "'" else letter * (weekday if letter in "Ec" else 4)

    return _FIELDS.sub(field, pattern)


def _persian(day: date, pattern: str) -> str:
    return str(JalaliDate(day).strftime(pattern.replace("%-d", str(JalaliDate(day).day)), locale="fa"))


def _persian_range(first: date, last: date) -> str:
    end = _persian(last, "%-d %B %Y")
    if first == last:
        return end
    one, other = JalaliDate(first), JalaliDate(last)
    begins = "%-d" if (one.year, one.month) == (other.year, other.month) else "%-d %B"
    begins = begins if one.year == other.year else "%-d %B %Y"
    return f"{_persian(first, begins)} تا {end}"
