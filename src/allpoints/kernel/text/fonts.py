"""The fonts that Allpoints ships, so that drawn text needs nothing of the machine."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import uharfbuzz as hb


class Style(enum.StrEnum):
    """The cuts that drawn text is set in."""

    TEXT = "text"
    BOLD = "bold"
    TITLE = "title"  # flared; scripts that have no flared cut are set in bold


_FILES = {
    Style.TEXT: ("Commissioner-Medium.ttf", "Vazirmatn-Medium.ttf", "AnekDevanagari-Medium.ttf",
                 "NotoSansSC-Regular.otf"),
    Style.BOLD: ("Commissioner-Bold.ttf", "Vazirmatn-Bold.ttf", "AnekDevanagari-Bold.ttf", "NotoSansSC-Bold.otf"),
    Style.TITLE: ("Commissioner-Title.ttf", "Vazirmatn-Bold.ttf", "AnekDevanagari-Bold.ttf", "NotoSansSC-Bold.otf"),
}


@dataclass(frozen=True, eq=False)
class ShippedFont:
    """One font file, ready to shape and to draw.

    ``font`` is scaled to 1 em = ``UNITS``, so that shapes of all fonts are in the same units.
    """

    name: str
    font: hb.Font
    characters: frozenset[int]

    def covers(self, character: str) -> bool:
        """Whether the font has a glyph for the character."""
        return ord(character) in self.characters


UNITS = 2048
"""Units of one em in shaped text."""

ASCENT, DESCENT = 0.98, 0.27
"""Height above and depth below the baseline of a line of text, in ems; holds every shipped script."""


@cache
def _load(name: str) -> ShippedFont:
    face = hb.Face((files(__package__) / "fonts" / name).read_bytes())
    font = hb.Font(face)
    font.scale = (UNITS, UNITS)
    return ShippedFont(name, font, frozenset(face.unicodes))


def fonts_of(style: Style) -> Sequence[ShippedFont]:
    """The fonts of a style, in the order in which they are asked for a glyph."""
    return [_load(name) for name in _FILES[style]]
