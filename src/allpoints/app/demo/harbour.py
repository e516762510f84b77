"""The harbour from which the demo is live: boats, lamps and a running clock."""

from __future__ import annotations

import av
import numpy as np

from allpoints.app.demo.cast import Colour
from allpoints.app.demo.keepers import Sprite
from allpoints.app.demo.scenes import SIZE, WEATHERS, Coast
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.text.fonts import Style
from allpoints.kernel.text.painting import Setting, cover, paint_coverage, set_text
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.stage import scenery
from allpoints.stage.colours import Floats, planes_of

_WHITE, _RED = (1.0, 0.99, 0.96), (0.90, 0.22, 0.18)
_CLOCK = (WIDTH - 208.0, 40.0)


class HarbourScene:
    """A quay at dusk, seen from the water. ``frame`` shows the seconds since the clip's start."""

    def __init__(self) -> None:
        self._coast = Coast(WEATHERS["dusk"], 980, 350)
        canvas = self._coast.canvas
        _add_quay(canvas, self._coast.horizon)
        title = set_text("Cabo Claro", Setting(44, Style.TITLE, "pt"))
        about = set_text("Ao vivo do porto · Live from the harbour", Setting(23, Style.TEXT, "pt"))
        for block, top in ((title, 40.0), (about, 102.0)):
            paint_coverage(canvas, cover(block, SIZE, 64, top), _WHITE, 0.96)
        self._coast.settle()
        self._boats = [(_boat(colour, size), size) for colour, size in (
            ((0.82, 0.26, 0.20), 1.0), ((0.94, 0.90, 0.82), 0.72), ((0.16, 0.42, 0.50), 1.25))]
        self._digits = [_written(digit, 46, _WHITE) for digit in "0123456789:"]
        self._lamp = _dot(_RED)

    def frame(self, number: int) -> av.VideoFrame:
        """Frame ``number`` at 25 a second."""
        time = number / TICKS_PER_SECOND
        picture = self._coast.frame(number)
        planes = planes_of(picture)
        for place, (boat, size) in enumerate(self._boats):
            x = 90 + 236 * place + 7 * np.sin(time * 0.5 + place)
            y = 470 + 52 * place - 40 * size + 4 * size * np.sin(time * 1.15 + place * 1.9)
            boat.over(planes, x, y)
        if number % TICKS_PER_SECOND < 18:
            self._lamp.over(planes, _CLOCK[0] - 38, _CLOCK[1] + 14)
        seconds = number // TICKS_PER_SECOND
        for column, digit in enumerate(f"{seconds // 60:02}:{seconds % 60:02}"):
            self._digits["0123456789:".index(digit)].over(planes, _CLOCK[0] + 28 * column, _CLOCK[1])
        return picture


def _written(text: str, size: float, colour: Colour) -> Sprite:
    """A digit in the middle of a box, so that the clock does not dance."""
    block = set_text(text, Setting(size, Style.BOLD))
    alpha = cover(block, (72, 48), (48 - block.width) / 2, 2)
    return Sprite.of(np.zeros((72, 48, 3), np.float32) + np.asarray(colour, np.float32), alpha)


def _dot(colour: Colour) -> Sprite:
    angles = np.linspace(0, 2 * np.pi, 40)
    alpha = scenery.polygon((36, 36), [(float(18 + 9 * np.cos(a)), float(18 + 9 * np.sin(a))) for a in angles])
    return Sprite.of(np.zeros((36, 36, 3), np.float32) + np.asarray(colour, np.float32), alpha)


def _add_quay(canvas: Floats, horizon: int) -> None:
    """Houses along the shore with lit windows, and lamps on a quay with their light in the water."""
    heights = scenery.noise(18, 31)
    for house, tall in enumerate(heights):
        left, top = house * 39.0 - 4, horizon - 26 - 54 * float(tall)
        walls = scenery.polygon(SIZE, [(left, horizon + 4), (left, top), (left + 18, top - 15), (left + 36, top),
                                       (left + 36, horizon + 4)])
        paint_coverage(canvas, walls, (0.16 + 0.05 * float(tall), 0.11, 0.17))
        for row in range(2):
            for column in range(2):
                if (house * 7 + row * 3 + column * 5) % 4:
                    x, y = round(left + 8 + 13 * column), round(top + 9 + 19 * row)
                    if x > 0 and y < horizon - 10:
                        canvas[y:y + 8, x:x + 6] = (1.0, 0.80, 0.46)
    for lamp in range(6):
        x, y = 60 + 124 * lamp, horizon - 34
        canvas[y:horizon + 4, x:x + 2] = (0.08, 0.06, 0.10)
        canvas += scenery.glow(SIZE, x + 1, y, 13)[..., None] * np.array([0.9, 0.66, 0.34], np.float32)
        fading = np.linspace(0.34, 0, HEIGHT - horizon)[:, None]
        trail = np.exp(-(((np.arange(WIDTH) - x) / 9.0) ** 2))[None, :] * fading
        canvas[horizon:] += trail[..., None].astype(np.float32) * np.array([1.0, 0.70, 0.36], np.float32)


def _boat(colour: Colour, size: float) -> Sprite:
    """A fishing boat with a cabin, a mast and a lamp, 240 × 200 at size 1."""
    height, width = (2 * round(part * size / 2) for part in (200, 250))
    canvas, alpha = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    dark = (colour[0] * 0.45, colour[1] * 0.45, colour[2] * 0.45)
    for paint, corners in (
        ((0.14, 0.10, 0.14), [(118, 120), (119, 26), (123, 26), (124, 120)]),
        ((0.20, 0.14, 0.18), [(121, 34), (196, 122), (193, 123), (120, 38)]),
        ((0.88, 0.84, 0.78), [(70, 124), (72, 86), (112, 86), (116, 124)]),
        ((1.0, 0.82, 0.48), [(79, 95), (105, 95), (106, 108), (79, 108)]),
        (colour, [(22, 118), (216, 112), (232, 108), (204, 156), (52, 158)]),
        (dark, [(41, 142), (212, 140), (204, 156), (52, 158)]),
    ):
        shape = scenery.polygon((height, width), [(x * size, y * size) for x, y in corners])
        paint_coverage(canvas, shape, paint)
        alpha = np.maximum(alpha, shape)
    return Sprite.of(canvas, alpha)
