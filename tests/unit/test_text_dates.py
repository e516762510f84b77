"""Dates in every language: a native reader's order and words, and never half of another language."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.text.dates import day_range, weekday_and_day
from allpoints.kernel.text.translations import LANGUAGES, for_language

FRIDAY = date(2027, 7, 2)


@pytest.mark.parametrize(("tag", "long", "days"), [
    ("en", "Friday 2 July", "2–4 July 2027"), ("fa", "جمعه ۱۱ تیر", "۱۱ تا ۱۳ تیر ۱۴۰۶"),
    ("ar", "الجمعة، 2 يوليو", "2–4 يوليو 2027"), ("fr", "vendredi 2 juillet", "2–4 juillet 2027"),
    ("es", "viernes, 2 de julio", "2–4 julio 2027"), ("de", "Freitag, 2. Juli", "2.–4. Juli 2027"),
    ("tr", "2 Temmuz Cuma", "2–4 Temmuz 2027"), ("ru", "пятница, 2 июля", "2–4 июля 2027 г."),
    ("zh", "7月2日星期五", "2027年7月2日至4日"), ("hi", "शुक्रवार, 2 जुलाई", "2–4 जुलाई 2027"),
    ("pt", "sexta-feira, 2 de julho", "2 – 4 de julho de 2027"), ("ckb", "ھەینی، ٢ی تەمووز", "٢–٤ی تەمووزی ٢٠٢٧"),
])
def test_each_language_has_its_own_order_and_words(tag: str, long: str, days: str) -> None:
    language = for_language(tag)
    assert weekday_and_day(FRIDAY, language) == long
    shown = day_range(FRIDAY, FRIDAY + timedelta(days=2), language)
    assert shown.translate(dict.fromkeys((0x2009, 0xA0, 0x202F), " ")) == days


def test_the_persian_year_begins_in_spring() -> None:
    persian = for_language("fa")
    assert weekday_and_day(date(2027, 3, 21), persian) == "یکشنبه ۱ فروردین"
    assert day_range(date(2027, 3, 19), date(2027, 3, 21), persian) == "۲۸ اسفند ۱۴۰۵ تا ۱ فروردین ۱۴۰۶"


@given(st.sampled_from(LANGUAGES), st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(0, 800))
def test_any_days_can_be_written(tag: str, first: date, length: int) -> None:
    language = for_language(tag)
    text = day_range(first, first + timedelta(days=length), language)
    assert text
    assert weekday_and_day(first, language, short=True)
    assert "'" not in text
