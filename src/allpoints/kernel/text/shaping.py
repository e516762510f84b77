"""From a string to placed glyphs: direction, script, font and line breaks, then HarfBuzz for each run.

Directions come from the Unicode Bidirectional Algorithm (UAX #9), joined and reordered glyphs from HarfBuzz; neither
needs a library of the machine. All lengths are in ``fonts.UNITS`` per em.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import uharfbuzz as hb
from bidi import get_display

from allpoints.kernel.text.fonts import ShippedFont, Style, fonts_of

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of ``font`` whose origin lies at ``x``, ``y`` (up) from the start of its line's baseline.

    ``cluster`` is the index of the first character it stands for, in the string that was shaped.
    """

    font: ShippedFont
    number: int
    x: float
    y: float
    cluster: int


@dataclass(frozen=True)
class Line:
    """One shaped line in visual order. ``direction`` is its paragraph's."""

    glyphs: Sequence[Glyph]
    width: float
    direction: Direction


@dataclass(frozen=True)
class _Run:
    start: int
    text: str
    level: int
    script: str
    font: ShippedFont


# Where the scripts that the shipped fonts cover begin; everything in between belongs to whatever is around it.
_SCRIPTS = sorted([
    (0x0041, "Latn"), (0x02B9, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, ""), (0x0600, "Arab"),
    (0x0780, ""), (0x08A0, "Arab"), (0x0900, "Deva"), (0x0980, ""), (0x1C80, "Cyrl"), (0x1C90, ""),
    (0x1D00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2DE0, "Cyrl"), (0x2E00, ""), (0x2E80, "Hani"),
    (0x3000, ""), (0x3005, "Hani"), (0x3008, ""), (0x3041, "Hira"), (0x30A0, "Kana"), (0x3100, ""),
    (0x3400, "Hani"), (0x4DC0, ""), (0x4E00, "Hani"), (0xA000, ""), (0xA640, "Cyrl"), (0xA6A0, ""),
    (0xA720, "Latn"), (0xA800, ""), (0xA8E0, "Deva"), (0xA900, ""), (0xF900, "Hani"), (0xFB00, ""),
    (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFF00, ""), (0x20000, "Hani"), (0x32000, ""),
])
_STARTS = [start for start, _ in _SCRIPTS]
_LEVEL = re.compile(r"Level\(\s*(\d+)")
_NEVER_FIRST = frozenset("，。、；：？！）】》」』〉〕…—·%‰,.;:?!)]}»”’")
_NEVER_LAST = frozenset("（【《「『〈〔([{«“‘")


def _script_of(character: str) -> str:
    """ISO 15924 tag, or empty for what takes its neighbour's script (digits, punctuation, marks)."""
    if unicodedata.category(character)[0] not in "LM" or unicodedata.category(character) == "Mn":
        return ""
    index = bisect_right(_STARTS, ord(character)) - 1
    return _SCRIPTS[index][1] if index >= 0 else ""


def base_direction(text: str) -> Direction:
    """The direction of the paragraph by its first strong character (UAX #9, P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def bidi_levels(text: str, direction: Direction) -> list[int]:
    """The embedding level of each character of one paragraph without line breaks (UAX #9, rules up to I2)."""
    if direction == "ltr" and all(unicodedata.bidirectional(c) not in ("R", "AL", "AN", "RLE", "RLO", "RLI", "FSI")
                                  for c in text):
        return [0] * len(text)
    # python-bidi hands the levels out only in its debugging form, one a UTF-8 byte. Its reordered string would not
    # do: it does not say which character went where.
    report = get_display(text, base_dir="R" if direction == "rtl" else "L", debug=True)
    listing = report.rpartition("\n    levels: [")[2].partition("\n    paragraphs: [")[0]
    by_byte = [int(level) for level in _LEVEL.findall(listing)]
    levels, byte = [], 0
    for character in text:
        levels.append(by_byte[byte])
        byte += len(character.encode())
    return levels


def _runs(text: str, levels: Sequence[int], style: Style) -> Iterator[_Run]:
    """Cut the text where level, script or font changes, in logical order."""
    fonts = fonts_of(style)
    scripts = [_script_of(character) for character in text]
    known = next((script for script in scripts if script), "Latn")
    chosen: list[ShippedFont] = []
    for index, character in enumerate(text):
        known = scripts[index] = scripts[index] or known
        joins = unicodedata.category(character) in ("Mn", "Mc", "Cf", "Zs")
        if chosen and joins and (chosen[-1].covers(character) or unicodedata.category(character) == "Cf"):
            chosen.append(chosen[-1])
        else:
            chosen.append(next((font for font in fonts if font.covers(character)), fonts[0]))
    for _, group in groupby(range(len(text)), key=lambda i: (levels[i], scripts[i], chosen[i].name)):
        indices = list(group)
        start, end = indices[0], indices[-1] + 1
        yield _Run(start, text[start:end], levels[start], scripts[start], chosen[start])


def _visual(runs: Sequence[_Run]) -> list[_Run]:
    """Reorder the runs of one line (UAX #9, rule L2); HarfBuzz reverses within a run."""
    ordered = list(runs)
    for level in range(max((run.level for run in runs), default=0), 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end].level >= level:
                end += 1
            ordered[start:end] = reversed(ordered[start:end])
            start = end + 1
    return ordered


def shape_line(text: str, style: Style, language: str = "", direction: Direction | None = None) -> Line:
    """Shape one line (no line breaks in it). ``language`` is a BCP 47 tag and chooses local letter forms."""
    text = unicodedata.normalize("NFC", text)
    direction = direction or base_direction(text)
    return _shape(text, bidi_levels(text, direction), style, language, direction)


def _shape(text: str, levels: list[int], style: Style, language: str, direction: Direction) -> Line:
    kept = text.rstrip()
    levels = levels[:len(kept)]  # trailing white space has no place on a line (L1)
    glyphs: list[Glyph] = []
    x = 0.0
    for run in _visual(list(_runs(kept, levels, style))):
        buffer = hb.Buffer()
        buffer.add_str(run.text)
        buffer.direction = "rtl" if run.level % 2 else "ltr"
        buffer.script = run.script
        if language:
            buffer.language = language
        hb.shape(run.font.font, buffer)
        for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(Glyph(run.font, glyph.codepoint, x + place.x_offset, place.y_offset,
                                run.start + glyph.cluster))
            x += place.x_advance
    return Line(glyphs, x, direction)


def _breaks(text: str) -> Iterator[int]:
    """Where a line may end: after white space, and around ideographs but for punctuation (a part of UAX #14)."""
    for index in range(1, len(text)):
        before, after = text[index - 1], text[index]
        if after.isspace() or after in _NEVER_FIRST or before in _NEVER_LAST:
            continue
        wide = "W" in (unicodedata.east_asian_width(before), unicodedata.east_asian_width(after))
        if (before.isspace() and before != "\u00a0") or before in "\u200b-–—/" or wide:
            yield index
    yield len(text)


def break_lines(
    text: str, style: Style, width: float, language: str = "", direction: Direction | None = None
) -> list[Line]:
    """Shape ``text`` into lines of at most ``width`` where it can be broken; keeps its own line breaks.

    A word that is wider than ``width`` stands alone on its line and sticks out.
    """
    lines: list[Line] = []
    for paragraph in unicodedata.normalize("NFC", text).splitlines():
        towards = direction or base_direction(paragraph)
        levels = bidi_levels(paragraph, towards)
        start = 0
        best: tuple[int, Line] | None = None
        for end in _breaks(paragraph) if paragraph else [0]:
            line = _shape(paragraph[start:end], levels[start:end], style, language, towards)
            if best is not None and line.width > width:
                lines.append(best[1])
                start = best[0]
                line = _shape(paragraph[start:end], levels[start:end], style, language, towards)
            best = (end, line)
        if best is not None:
            lines.append(best[1])
    return lines


def missing_characters(text: str) -> set[str]:
    """The characters that no shipped font can draw: they would show as empty boxes."""
    return {
        character for character in unicodedata.normalize("NFC", text)
        if not any(font.covers(character) for font in fonts_of(Style.TEXT))
        and unicodedata.category(character) not in ("Cc", "Cf", "Zs")
    }
