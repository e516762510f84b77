"""Languages: which one a person gets, and how it writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.text.translations import LANGUAGES, for_language, negotiate
from allpoints.staff import TooManyTries
from allpoints.stage.protocol import Refusal
from allpoints.web.control_room import sentence_for_code, sentence_of
from allpoints.web.reader import Reader


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("fa", "fa"), ("fa-IR,fa;q=0.9,en;q=0.8", "fa"), ("de,fa;q=0.5", "de"), ("en;q=0.5,fa;q=0.9", "fa"),
        ("zh-TW,zh;q=0.9", "zh"), ("pt-BR", "pt"), ("ckb-IQ", "ckb"), ("ku-Arab-IQ,en;q=0.5", "ckb"),
        ("ku,en", "en"), ("prs-AF", "fa"), ("eo", "en"), ("eo,hi;q=0.1", "hi"),
        ("", "en"), ("fa;q=0", "en"), ("fa;q=nonsense", "en"), (",;q=,", "en"), ("EN-gb", "en"),
    ],
)
def test_the_browser_gets_the_best_language_there_is(header: str, tag: str) -> None:
    assert negotiate(header) == tag


@given(st.text())
def test_any_header_gets_some_language(header: str) -> None:
    assert negotiate(header) in LANGUAGES


def reader(tag: str, zone: str = "Asia/Tehran") -> Reader:
    return Reader(for_language(tag), ZoneInfo(zone))


def test_persian_is_written_from_the_right_in_its_own_digits() -> None:
    persian = reader("fa")
    instant = datetime(2027, 3, 2, 9, 5, tzinfo=UTC)
    assert persian.language.direction == "rtl"
    assert persian.time(instant) == "۱۲:۳۵"
    assert persian.dates(date(2027, 3, 2), date(2027, 3, 4)) == "۱۱ تا ۱۳ اسفند ۱۴۰۵"
    assert persian.minutes(timedelta(minutes=45)) == "۴۵ دقیقه"
    assert persian.zone_place == "تهران"


def test_english_names_days_before_months() -> None:
    english = reader("en", "Atlantic/Reykjavik")
    assert english.day(date(2027, 3, 2)) == "Tuesday 2 March"
    assert english.dates(date(2027, 3, 30), date(2027, 4, 1)) == "30 March\u2009–\u20091 April 2027"
    assert english.duration(252_000) == "4:12"
    assert english.duration(3_852_000) == "1:04:12"
    assert english.minutes(timedelta(minutes=1)) == "1 minute"


def test_links_keep_a_language_only_when_the_address_asked_for_it() -> None:
    carried = Reader(for_language("fa"), ZoneInfo("UTC"), carried=True)
    assert carried.link("/schedule#day-2") == "/schedule?lang=fa#day-2"
    assert carried.link("/a?b=1") == "/a?b=1&lang=fa"
    assert reader("fa").link("/schedule") == "/schedule"


def test_errors_and_refusals_speak_the_readers_language() -> None:
    persian = for_language("fa")
    assert "۷" not in persian.sentence(TooManyTries(seconds=7))
    assert "7 ثانیه" in persian.sentence(TooManyTries(seconds=7))
    refusal = Refusal("too_soon", 429, "A take was made less than a second ago. Wait {wait_ms} ms and press again.",
                      {"wait_ms": 300})
    assert "300 میلی‌ثانیه" in sentence_of(refusal, persian)
    assert sentence_of(Refusal("odd", 400, "Broken {field"), persian) == "Broken {field"


def test_codes_of_sources_become_sentences() -> None:
    english = for_language("en")
    values: dict[str, str | int | float] = {"name": "letters.mov", "width": 7680, "height": 4320}
    assert sentence_for_code("convert_first", values, english).startswith("“letters.mov” (7680×4320) is too heavy")
    assert sentence_for_code("never_heard_of", {}, english) == "never heard of"


def test_what_is_filled_into_a_line_from_the_right_stands_apart() -> None:
    values = {"name": "letters.mov (1)", "width": 7680}
    assert for_language("fa").say("{name} {width}", values) == "\u2068letters.mov (1)\u2069 7680"
    assert for_language("en").say("{name} {width}", values) == "letters.mov (1) 7680"
