"""Shaping of every shipped script, told by glyph names and places, not by looks."""

from __future__ import annotations

from functools import partial
from itertools import groupby

import pytest
from bidi import get_display
from hypothesis import given
from hypothesis import strategies as st

from allpoints.kernel.text.fonts import UNITS, Style
from allpoints.kernel.text.shaping import (
    Line,
    base_direction,
    bidi_levels,
    break_lines,
    missing_characters,
    shape_line,
)

BEH = "\N{ARABIC LETTER BEH}"


def numbers(line: Line) -> list[int]:
    return [glyph.number for glyph in line.glyphs]


def clusters(line: Line) -> list[int]:
    return [glyph.cluster for glyph in line.glyphs]


def test_persian_runs_from_right_to_left() -> None:
    line = shape_line("فانوس", Style.TEXT, "fa")
    assert line.direction == "rtl"
    assert clusters(line) == sorted(clusters(line), reverse=True)


def test_arabic_letters_take_other_forms_alone_first_in_the_middle_and_last() -> None:
    alone = numbers(shape_line(BEH, Style.TEXT, "ar"))
    joined = numbers(shape_line(BEH * 3, Style.TEXT, "ar"))
    bodies = [number for number in joined if joined.count(number) == 1]  # the dots are glyphs of their own
    assert len(bodies) == 3
    assert not set(bodies) & set(alone)


def test_a_zero_width_non_joiner_parts_persian_letters_without_a_box() -> None:
    joined = shape_line("میشود", Style.TEXT, "fa")
    parted = shape_line("می\N{ZERO WIDTH NON-JOINER}شود", Style.TEXT, "fa")
    assert numbers(joined) != numbers(parted)
    assert 0 not in numbers(parted)


def test_a_devanagari_short_i_stands_before_its_consonant() -> None:
    consonant = numbers(shape_line("क", Style.TEXT, "hi"))
    syllable = numbers(shape_line("कि", Style.TEXT, "hi"))
    assert syllable.index(consonant[0]) == 1


@pytest.mark.parametrize("conjunct", ["क्ष", "त्र", "ज्ञ", "श्र"])
def test_devanagari_consonants_melt_into_one(conjunct: str) -> None:
    assert len(shape_line(conjunct, Style.TEXT, "hi").glyphs) == 1


@pytest.mark.parametrize("text", [
    "世界灯塔守护者大会，第一天（直播）。", "燈塔守護者", "Ærøskøbing Łódź Tiếng Việt", "Всемирная", "Παγκόσμια",
    "प्रकाशस्तंभ", "فانوس دریایی «کتاب» ۱۴۰۰", "لحُرّاس المنارات ١٢٣", "ひらがなカタカナ",
])
@pytest.mark.parametrize("style", list(Style))
def test_no_shipped_script_shows_an_empty_box(text: str, style: Style) -> None:
    assert missing_characters(text) == set()
    assert 0 not in numbers(shape_line(text, style))


def test_a_character_no_font_holds_is_named_as_missing() -> None:
    assert missing_characters("a\N{TIBETAN LETTER KA}b") == {"\N{TIBETAN LETTER KA}"}


def test_a_latin_word_within_persian_keeps_its_own_direction() -> None:
    line = shape_line("انجمن ALA (Norway)", Style.TEXT, "fa")
    latin = [glyph.cluster for glyph in line.glyphs if glyph.font.name.startswith("Commissioner")]
    assert line.direction == "rtl"
    assert latin == sorted(latin)
    assert clusters(line)[-1] == 0


@pytest.mark.parametrize(("text", "expected"), [
    ("abc", "ltr"), ("سلام", "rtl"), ("123 سلام", "rtl"), ("— Oslo", "ltr"), ("", "ltr"), ("世界", "ltr"),
])
def test_the_first_strong_character_decides_the_direction(text: str, expected: str) -> None:
    assert base_direction(text) == expected


LETTERS = "ab (19)-.,ابجد₪ב\N{ARABIC-INDIC DIGIT TWO}[x]é世"


def reordered(levels: list[int]) -> list[int]:
    """UAX #9, rule L2, on single characters."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        position = 0
        for run, group in groupby(order.copy(), key=partial(lambda least, i: levels[i] >= least, level)):
            indices = list(group)
            if run:
                order[position:position + len(indices)] = reversed(indices)
            position += len(indices)
    return order


@given(st.text(st.sampled_from(LETTERS), max_size=24).map(str.strip), st.sampled_from([0, 1]))
def test_levels_give_the_order_in_which_the_library_shows_the_text(text: str, base: int) -> None:
    levels = bidi_levels(text, "rtl" if base else "ltr")
    shown = "".join(text[i] for i in reordered(levels))
    assert get_display(text, base_dir="R" if base else "L") == shown


WORDS = ["harbour", "light", "فانوس", "灯塔守护者，", "रक्षक", "1400"]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
def test_lines_fit_their_width_and_lose_no_letter(words: list[str]) -> None:
    text = " ".join(words)
    lines = break_lines(text, Style.TEXT, 6.0 * UNITS)
    assert all(line.width <= 6.0 * UNITS for line in lines)
    whole = shape_line(text, Style.TEXT)
    spaces = len(lines) - 1
    assert whole.width - sum(line.width for line in lines) <= (spaces + 0.01) * 0.4 * UNITS


def test_chinese_breaks_between_ideographs_but_never_before_its_full_stop() -> None:
    lines = break_lines("灯塔守护者。灯塔", Style.TEXT, 5.4 * UNITS, "zh")
    assert [len(line.glyphs) for line in lines] == [4, 4]


def test_line_breaks_in_the_text_are_kept() -> None:
    assert len(break_lines("one\n\ntwo", Style.TEXT, 99 * UNITS)) == 3
