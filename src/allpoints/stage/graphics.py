"""What is laid over pictures and between them: name graphics and dissolves. Fast: it runs on the mixer's thread."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.text.fonts import Style
from allpoints.kernel.text.painting import Block, Setting, cover, paint_coverage, set_to_fit
from allpoints.stage.colours import empty_like, planes_of, quarter, to_ycbcr

Weights = NDArray[np.uint16]

_INK, _PALE, _AMBER, _NIGHT = (1.0, 0.985, 0.955), (0.80, 0.87, 0.93), (1.0, 0.73, 0.30), (0.025, 0.085, 0.155)
_SAFE = 64  # pixels kept free at the picture's edge: 5 % of its width (EBU R 95)
_BOTTOM = HEIGHT - 58
_PADDING, _BAR, _TAIL = 26, 6, 150
_WIDEST = 860


class LowerThird:
    """A name graphic: ``title`` over ``subtitle`` on a dark band that thins out like the end of a light beam.

    It stands on the side where the title's script begins. Drawn at construction (some 20 ms), away from the mixer.
    """

    def __init__(self, title: str, subtitle: str = "", language: str = "") -> None:
        title, subtitle = " ".join(title.split()), " ".join(subtitle.split())
        name = set_to_fit(title, Setting(38, Style.BOLD, language), _WIDEST, 1, 22)
        about = set_to_fit(subtitle, Setting(23, Style.TEXT, language), _WIDEST, 1, 15) if subtitle else None
        rtl = name.lines[0].direction == "rtl" if name.lines else False
        text_width = min(_WIDEST, max(name.width, about.width if about else 0.0))
        width = 2 * round((_BAR + _PADDING + text_width + _TAIL) / 2)
        height = 2 * round((name.height + (about.height if about else 0.0) + 22) / 2)
        self.left = WIDTH - _SAFE - width if rtl else _SAFE
        self.top = 2 * round((_BOTTOM - height) / 2)
        alpha = _band(width, height, rtl)
        colour = np.empty((height, width, 3), np.float32)
        colour[:] = _NIGHT
        bar = np.zeros((height, width), np.float32)
        bar[:, -_BAR:] = float(rtl)
        bar[:, :_BAR] = float(not rtl)
        letters = _letters(name, (height, width), 8, text_width, rtl)
        inks = [(bar, _AMBER), (letters, _INK)]
        if about:
            inks.append((_letters(about, (height, width), 8 + name.height, text_width, rtl), _PALE))
        for coverage, ink in inks:
            paint_coverage(colour, coverage, ink)
            alpha = np.maximum(alpha, coverage)
        luma, blue, red = to_ycbcr(colour)
        share = quarter(alpha)
        solid = np.maximum(share, np.float32(1e-6))
        self.colours: list[Weights] = [  # chroma is averaged by how much of it shows
            np.rint(plane).astype(np.uint16)
            for plane in (luma, quarter(blue * alpha) / solid, quarter(red * alpha) / solid)
        ]
        self.alphas = [alpha, share, share]


def _band(width: int, height: int, rtl: bool) -> NDArray[np.float32]:
    slope = np.clip((width - np.arange(width, dtype=np.float32)) / (_TAIL + 30), 0.0, 1.0)
    slope = 0.9 * slope * slope * (3 - 2 * slope)
    return np.tile(slope[::-1] if rtl else slope, (height, 1)).astype(np.float32)


def _letters(block: Block, shape: tuple[int, int], top: float, room: float, rtl: bool) -> NDArray[np.float32]:
    left = shape[1] - _BAR - _PADDING - room if rtl else _BAR + _PADDING
    if block.lines and (block.lines[0].direction == "rtl") != rtl:
        left += (room - block.width) * (1 if rtl else -1)  # keep a line of the other direction at the bar's side
    return cover(block, shape, left, top, room)


def blend(picture: av.VideoFrame, graphic: LowerThird, opacity: float) -> av.VideoFrame:
    """A new picture: ``graphic`` over ``picture`` with ``opacity`` 0 to 1. ``picture`` stays as it is."""
    mixed = empty_like(picture)
    for index, (under, over) in enumerate(zip(planes_of(picture), planes_of(mixed), strict=True)):
        over[:] = under
        colour = graphic.colours[index]
        height, width = colour.shape
        top, left = (graphic.top, graphic.left) if index == 0 else (graphic.top // 2, graphic.left // 2)
        part = over[top:top + height, left:left + width]
        weight = (graphic.alphas[index] * np.float32(256 * opacity) + np.float32(0.5)).astype(np.uint16)
        part[:] = (part * (256 - weight) + colour * weight + 128) >> 8  # at most 65,408: fits 16 bits
    return mixed


def mix_pictures(first: av.VideoFrame, second: av.VideoFrame, fraction: float) -> av.VideoFrame:
    """A new picture: ``fraction`` (0 to 1) of ``second`` and the rest of ``first``; both yuv420p of one size."""
    mixed = empty_like(second)
    weight = np.uint16(round(256 * min(1.0, max(0.0, fraction))))
    rest = np.uint16(256) - weight
    for one, other, both in zip(planes_of(first), planes_of(second), planes_of(mixed), strict=True):
        for start in range(0, one.shape[0], _STRIP):  # a strip's 16-bit sums stay in the processor's cache
            strip = slice(start, start + _STRIP)
            total = one[strip].astype(np.uint16)
            total *= rest
            share = other[strip].astype(np.uint16)
            share *= weight
            total += share
            total += np.uint16(128)
            total >>= np.uint16(8)
            both[strip] = total
    return mixed


_STRIP = 60
