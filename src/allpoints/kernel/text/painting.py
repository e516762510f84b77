"""Painting shaped text into pictures, anti-aliased, with HarfBuzz's own rasteriser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import uharfbuzz as hb
from numpy.typing import NDArray

from allpoints.kernel.text.fonts import ASCENT, DESCENT, UNITS, Style
from allpoints.kernel.text.shaping import Direction, Line, break_lines, shape_line

Align = Literal["start", "centre", "end"]
Colour = tuple[float, float, float]
"""Red, green and blue, non-linear (as in sRGB), 0 to 1."""

Coverage = NDArray[np.float32]
"""How much of each pixel is covered, 0 to 1; shape (height, width)."""


@dataclass(frozen=True)
class Setting:
    """How a text is set. ``size`` is the em in pixels; ``leading`` the distance of baselines in ems."""

    size: float
    style: Style = Style.TEXT
    language: str = ""
    align: Align = "start"
    leading: float = 1.3
    direction: Direction | None = None


@dataclass(frozen=True)
class Block:
    """A text set in lines, ready to paint. Sizes in pixels."""

    lines: Sequence[Line]
    setting: Setting

    @property
    def width(self) -> float:
        """Width of the widest line."""
        return max((line.width for line in self.lines), default=0.0) * self.setting.size / UNITS

    @property
    def height(self) -> float:
        """From the top of the first line's letters to the bottom of the last line's."""
        if not self.lines:
            return 0.0
        return ((len(self.lines) - 1) * self.setting.leading + ASCENT + DESCENT) * self.setting.size


def set_text(text: str, setting: Setting, width: float | None = None) -> Block:
    """Set ``text`` in lines of at most ``width`` pixels, or in one line when no width is given."""
    if width is None:
        return Block([shape_line(text, setting.style, setting.language, setting.direction)], setting)
    units = width * UNITS / setting.size
    return Block(break_lines(text, setting.style, units, setting.language, setting.direction), setting)


def set_to_fit(text: str, setting: Setting, width: float, most_lines: int, smallest: float) -> Block:
    """Set ``text`` as large as it goes into ``most_lines`` of ``width``: ``setting.size`` down to ``smallest``.

    Lines that do not fit even then are left out. Two or more lines are balanced in length.
    """
    size = setting.size
    while True:
        block = set_text(text, replace(setting, size=size), width)
        if len(block.lines) <= most_lines and block.width <= width:
            return _balanced(block, text, width)
        if size <= smallest:
            return replace(block, lines=block.lines[:most_lines])
        size = max(smallest, size * 0.94)


def _balanced(block: Block, text: str, width: float) -> Block:
    while len(block.lines) > 1 and block.width > 0:
        width *= 0.95
        narrower = set_text(text, block.setting, width)
        if len(narrower.lines) > len(block.lines) or narrower.width > width:
            break
        block = narrower
    return block


def cover(block: Block, shape: tuple[int, int], x: float, y: float, width: float | None = None) -> Coverage:
    """The coverage of ``block`` in a picture of ``shape`` (height, width), its top left corner at ``x``, ``y``.

    Lines are aligned within ``width`` pixels (the block's own when not given): ``start`` is the left side of a
    left-to-right line and the right side of a right-to-left one. What lies outside of the picture is cut off.
    """
    height, across = shape
    scale = block.setting.size / UNITS
    room = block.width if width is None else width
    drawing = hb.RasterDraw()
    drawing.extents = hb.RasterExtents(0, 0, across, height, 0)
    baseline = height - y - ASCENT * block.setting.size
    for line in block.lines:
        left = x + (room - line.width * scale) * _share_left(block.setting.align, line.direction)
        for glyph in line.glyphs:
            drawing.transform = (scale, 0.0, 0.0, scale, left + glyph.x * scale, baseline + glyph.y * scale)
            drawing.draw_glyph(glyph.font.font, glyph.number)
        baseline -= block.setting.leading * block.setting.size
    image = drawing.render()
    if image is None or not image.extents.height:
        return np.zeros(shape, np.float32)
    rows = np.frombuffer(image.buffer, np.uint8).reshape(image.extents.height, image.extents.stride)
    covered: Coverage = rows[::-1, :across].astype(np.float32) / np.float32(255)
    return covered


def _share_left(align: Align, direction: Direction) -> float:
    if align == "centre":
        return 0.5
    return float((align == "end") != (direction == "rtl"))


def paint_coverage(canvas: NDArray[np.float32], coverage: Coverage, colour: Colour, opacity: float = 1.0) -> None:
    """Lay ``colour`` over ``canvas`` (height, width, 3; float32, 0 to 1) where it is covered."""
    share = (coverage * np.float32(opacity))[..., None]
    canvas += (np.asarray(colour, np.float32) - canvas) * share


def paint_text(
    canvas: NDArray[np.float32], box: tuple[float, float, float], text: str, setting: Setting, colour: Colour,
    opacity: float = 1.0,
) -> float:
    """Paint ``text`` into ``canvas`` within ``box`` (left, top, width in pixels); gives the height that it took."""
    left, top, width = box
    block = set_text(text, setting, width)
    paint_coverage(canvas, cover(block, canvas.shape[:2], left, top, width), colour, opacity)
    return block.height
