"""Keepers drawn from ellipses: a body and a head with several mouths, laid over a scene and moved a little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allpoints.app.demo.cast import Colour, Figure
from allpoints.stage.colours import Floats, quarter, to_ycbcr
from allpoints.stage.scenery import polygon

MOUTHS = 5
_SIZE = (560, 560)
_CENTRE = 280.0


def ellipse(x: float, y: float, across: float, down: float, start: float = 0.0, end: float = 360.0) -> Floats:
    """The coverage of an ellipse, or of the part between two angles (degrees, clockwise from the right)."""
    angles = np.radians(np.linspace(start, end, 72))
    corners = [(float(x + across * np.cos(a)), float(y + down * np.sin(a))) for a in angles]
    return polygon(_SIZE, corners)


@dataclass(frozen=True)
class Sprite:
    """A drawing with an alpha of its own, as planes: colours times alpha, and alpha, at full and at half size.

    Only what is drawn is kept: ``left`` and ``top`` say where it lies in its canvas.
    """

    planes: Sequence[Floats]
    alphas: Sequence[Floats]
    left: int
    top: int

    @classmethod
    def of(cls, colour: Floats, alpha: Floats) -> Sprite:
        """From RGB (height, width, 3) and alpha; even sizes, with empty edges where it is to be moved."""
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        top, left = (max(0, int(first) // 2 * 2 - 4) for first in (rows[0], columns[0]))
        box = slice(top, int(rows[-1]) // 2 * 2 + 6), slice(left, int(columns[-1]) // 2 * 2 + 6)
        colour, alpha = colour[box], alpha[box]
        luma, blue, red = to_ycbcr(colour)
        half = quarter(alpha)
        return cls([luma * alpha, quarter(blue * alpha), quarter(red * alpha)], [alpha, half, half], left, top)

    def over(self, planes: Sequence[NDArray[np.uint8]], x: float, y: float) -> None:
        """Lay its canvas over ``planes`` with the corner at (x, y); fractions of a pixel count.

        What is drawn must not stick out left or above; what sticks out right or below is cut off.
        """
        for index, (plane, colour, alpha) in enumerate(zip(planes, self.planes, self.alphas, strict=True)):
            share = 1 if index == 0 else 2
            across, down = (x + self.left) / share, (y + self.top) / share
            left, top = int(across), int(down)
            colour, alpha = (_moved(layer, across - left, down - top) for layer in (colour, alpha))
            part = plane[top:top + colour.shape[0], left:left + colour.shape[1]]
            box = slice(part.shape[0]), slice(part.shape[1])
            part[:] = part * (1 - alpha[box]) + colour[box] + np.float32(0.5)


def _moved(layer: Floats, across: float, down: float) -> Floats:
    """``layer`` moved right and down by less than a pixel; a row and column smaller, its first ones must be empty."""
    if across:
        layer = layer[:, 1:] * np.float32(1 - across) + layer[:, :-1] * np.float32(across)
    if down:
        layer = layer[1:] * np.float32(1 - down) + layer[:-1] * np.float32(down)
    return layer


class _Drawing:
    """A canvas that is painted shape by shape, lit from the right; ``mirrored`` turns it round in the end."""

    def __init__(self, light: float, mirrored: bool) -> None:
        self.colour = np.zeros((*_SIZE, 3), np.float32)
        self.alpha = np.zeros(_SIZE, np.float32)
        self._light = light
        self._mirrored = mirrored

    def copy(self) -> _Drawing:
        other = _Drawing(self._light, self._mirrored)
        other.colour, other.alpha = self.colour.copy(), self.alpha.copy()
        return other

    def add(self, shape: Floats, colour: Colour, round_: float = 0.25) -> None:
        """Paint a shape, lit from the right by ``light`` and darker to the left as if it were round."""
        columns, rows = np.flatnonzero(shape.any(axis=0)), np.flatnonzero(shape.any(axis=1))
        if not columns.size:
            return
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        slope = np.linspace(0, 1, columns[-1] + 1 - columns[0], dtype=np.float32)
        shade = self._light * (1 - round_ + round_ * 1.5 * slope)
        tint = np.clip(shade[None, :, None] * np.asarray(colour, np.float32), 0, 1).astype(np.float32)
        self.colour[box] += (tint - self.colour[box]) * shape[box][..., None]
        self.alpha[box] = np.maximum(self.alpha[box], shape[box])

    def rim(self, colour: Colour, strength: float) -> None:
        """A light edge on the right side of all that is drawn."""
        edge = np.clip(self.alpha - np.roll(self.alpha, -5, axis=1), 0, 1)
        edge = np.maximum(edge, np.roll(edge, -1, axis=1) * 0.5) * self.alpha
        self.colour += (np.asarray(colour, np.float32) - self.colour) * (edge * strength)[..., None]

    def sprite(self) -> Sprite:
        turn = -1 if self._mirrored else 1
        return Sprite.of(np.clip(self.colour, 0, 1)[:, ::turn], self.alpha[:, ::turn])


@dataclass(frozen=True)
class Keeper:
    """One figure: its body, and its head by mouth (0 closed) and by whether the eyes are open."""

    body: Sprite
    heads: Sequence[tuple[Sprite, Sprite]]

    def head(self, mouth: float, blink: bool) -> Sprite:
        """The head for a mouth open by 0 to 1."""
        opened, closed = self.heads[min(MOUTHS - 1, int(mouth * MOUTHS))]
        return closed if blink else opened


def draw_keeper(figure: Figure, light: float, rim: Colour, *, lit_from_left: bool = False) -> Keeper:
    """Draw a figure under ``light`` (1 is day) with a ``rim`` of coloured light on its right, or on its left."""
    face = _Drawing(light, lit_from_left)
    _add_face(face, figure, rim)
    open_eyes, closed_eyes = face.copy(), face
    _add_eyes(open_eyes, figure, blink=False)
    _add_eyes(closed_eyes, figure, blink=True)
    heads = [(_speaking(open_eyes, mouth), _speaking(closed_eyes, mouth)) for mouth in range(MOUTHS)]
    return Keeper(_body(_Drawing(light, lit_from_left), figure, rim), heads)


def _darker(colour: Colour, share: float) -> Colour:
    return (colour[0] * share, colour[1] * share, colour[2] * share)


def _body(drawing: _Drawing, figure: Figure, rim: Colour) -> Sprite:
    if figure.long_hair:
        drawing.add(ellipse(_CENTRE, 330, 118, 130), _darker(figure.hair, 0.75))
    drawing.add(polygon(_SIZE, [(232, 300), (328, 300), (338, 430), (222, 430)]), _darker(figure.skin, 0.78), 0.35)
    shoulders = np.maximum(ellipse(_CENTRE, 640, 236, 250), ellipse(_CENTRE, 470, 120, 72))
    drawing.add(shoulders, figure.coat, 0.35)
    drawing.add(polygon(_SIZE, [(236, 398), (280, 486), (324, 398), (300, 392), (260, 392)]), (0.90, 0.88, 0.84), 0.2)
    for side in (-1, 1):  # lapels
        lapel = [(_CENTRE + side * across, down) for across, down in ((40, 392), (96, 420), (52, 500), (0, 522))]
        drawing.add(polygon(_SIZE, lapel), _darker(figure.coat, 0.82), 0.2)
    for row in (528, 551):
        for side in (-1, 1):
            drawing.add(ellipse(_CENTRE + side * 22, row, 5, 5), (0.95, 0.74, 0.32), 0.1)
    if figure.scarf:
        drawing.add(ellipse(_CENTRE, 404, 84, 38), figure.scarf, 0.35)
        drawing.add(ellipse(_CENTRE, 388, 60, 20), _darker(figure.scarf, 0.72), 0.2)
        drawing.add(polygon(_SIZE, [(300, 424), (344, 416), (356, 540), (312, 546)]), _darker(figure.scarf, 0.9), 0.3)
    drawing.rim(rim, 0.5)
    return drawing.sprite()


def _add_face(drawing: _Drawing, figure: Figure, rim: Colour) -> None:
    drawing.add(ellipse(_CENTRE, 214, 100, 92), figure.hair)
    for side in (-1, 1):
        if figure.long_hair:
            drawing.add(ellipse(_CENTRE + side * 78, 285, 34, 96), figure.hair)
        else:
            drawing.add(ellipse(_CENTRE + side * 89, 270, 15, 24), _darker(figure.skin, 0.86))
    face = np.maximum(ellipse(_CENTRE, 245, 86, 92), ellipse(_CENTRE, 296, 70, 72))
    drawing.add(face, figure.skin)
    for side in (-1, 1):
        drawing.add(ellipse(_CENTRE + side * 52, 300, 20, 13) * 0.22, (0.90, 0.36, 0.30), 0.0)
    if figure.beard:
        beard = np.maximum(ellipse(_CENTRE, 308, 77, 66), ellipse(_CENTRE, 326, 58, 66))
        beard *= 1 - ellipse(_CENTRE, 258, 76, 56)
        drawing.add(np.maximum(beard, ellipse(_CENTRE, 302, 40, 13)), figure.hair, 0.3)
    fringe = ellipse(_CENTRE, 205, 96, 80, 180, 360) * (1 - ellipse(_CENTRE + 22, 262, 92, 82))
    drawing.add(fringe, figure.hair)
    drawing.add(ellipse(_CENTRE + 4, 279, 11, 15) * 0.5, _darker(figure.skin, 0.80), 0.0)
    drawing.add(ellipse(_CENTRE + 1, 275, 9, 14), figure.skin, 0.1)
    band = _darker(figure.cap_colour, 0.72 if figure.cap == "peaked" else 0.84)
    if figure.cap == "peaked":
        drawing.add(ellipse(_CENTRE, 170, 112, 58), figure.cap_colour)
        drawing.add(polygon(_SIZE, [(182, 182), (378, 182), (374, 212), (186, 212)]), band)
        drawing.add(ellipse(_CENTRE, 212, 98, 17), (0.05, 0.06, 0.08), 0.5)
        drawing.add(ellipse(_CENTRE, 188, 13, 13), (0.98, 0.78, 0.34), 0.2)
    elif figure.cap == "wool":
        drawing.add(ellipse(_CENTRE, 196, 102, 84, 180, 360), figure.cap_colour)
        drawing.add(polygon(_SIZE, [(176, 184), (384, 184), (386, 216), (174, 216)]), band)
    drawing.rim(rim, 0.6)


def _add_eyes(drawing: _Drawing, figure: Figure, *, blink: bool) -> None:
    dark = (0.10, 0.07, 0.07)
    for side in (-1, 1):
        x = _CENTRE + side * 34
        if blink:
            drawing.add(ellipse(x, 256, 13, 2.6), dark, 0.0)
        else:
            drawing.add(ellipse(x, 254, 13, 10), (0.97, 0.96, 0.94), 0.05)
            drawing.add(ellipse(x, 254, 7.5, 8.5), dark, 0.0)
            drawing.add(ellipse(x + 2.6, 251, 2.4, 2.4), (1.0, 1.0, 1.0), 0.0)
        brow = ellipse(x, 240, 19, 9, 200, 340)
        drawing.add(np.clip(brow - ellipse(x, 244, 19, 9, 200, 340), 0, 1), _darker(figure.hair, 0.7), 0.0)


def _speaking(face: _Drawing, mouth: int) -> Sprite:
    drawing = face.copy()
    if mouth == 0:
        smile = np.clip(ellipse(_CENTRE, 311, 27, 11, 10, 170) - ellipse(_CENTRE, 307, 27, 10, 0, 180), 0, 1)
        drawing.add(smile, (0.45, 0.16, 0.16), 0.0)
    else:
        down = 2.5 + 2.3 * mouth
        drawing.add(ellipse(_CENTRE, 314, 26 - mouth, down + 2.5), (0.66, 0.27, 0.25), 0.0)
        drawing.add(ellipse(_CENTRE, 314, 21 - mouth, down), (0.26, 0.07, 0.09), 0.0)
        drawing.add(ellipse(_CENTRE, 314 - down * 0.45, 15 - mouth, down * 0.28), (0.95, 0.93, 0.90), 0.0)
    return drawing.sprite()
