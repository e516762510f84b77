"""A coast at night in float colours: sky, stars, sea, a lighthouse and its beam; without chance, always the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Floats = NDArray[np.float32]
Size = tuple[int, int]
"""Height and width in pixels."""

Colour = tuple[float, float, float]

_FINE = 4


def gradient(size: Size, stops: Sequence[tuple[float, Colour]]) -> Floats:
    """Colours from top to bottom; ``stops`` are (0 to 1 of the height, colour), in order."""
    rows = np.linspace(0.0, 1.0, size[0])
    places = [place for place, _ in stops]
    columns = [np.interp(rows, places, [colour[channel] for _, colour in stops]) for channel in range(3)]
    filled: Floats = np.repeat(np.stack(columns, axis=1)[:, None, :], size[1], axis=1).astype(np.float32)
    return filled


def noise(count: int, seed: int) -> Floats:
    """``count`` numbers of 0 to 1 that look random and are the same everywhere (a Weyl sequence, stirred)."""
    steps = np.arange(1, count + 1, dtype=np.float64) + seed * 131.7
    stirred: Floats = (np.sin(steps * 12.9898) * 43758.5453 % 1.0).astype(np.float32)
    return stirred


def polygon(size: Size, corners: Sequence[tuple[float, float]]) -> Floats:
    """The coverage of a polygon with (x, y) ``corners`` in pixels, anti-aliased; height × width, 0 to 1."""
    height, width = size
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left, top = max(0, int(min(xs)) - 1), max(0, int(min(ys)) - 1)
    right, bottom = min(width, int(max(xs)) + 2), min(height, int(max(ys)) + 2)
    covered = np.zeros(size, np.float32)
    if right <= left or bottom <= top:
        return covered
    fine = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE))
    ImageDraw.Draw(fine).polygon([((x - left) * _FINE, (y - top) * _FINE) for x, y in corners], fill=255)
    small = fine.resize((right - left, bottom - top), Image.Resampling.BOX)
    covered[top:bottom, left:right] = np.asarray(small, np.float32) / 255
    return covered


def glow(size: Size, x: float, y: float, radius: float) -> Floats:
    """A soft light around a point: 1 at its heart, 0 far away."""
    rows, columns = np.ogrid[:size[0], :size[1]]
    distance = ((columns - x) ** 2 + (rows - y) ** 2) / radius**2
    lit: Floats = (1.0 / (1.0 + distance) ** 1.5).astype(np.float32)
    return lit


def beam(size: Size, x: float, y: float, angle: float, spread: float, reach: float) -> Floats:
    """A cone of light from (x, y) towards ``angle`` (radians, 0 is right, clockwise), ``spread`` in radians.

    It thins to a third after ``reach`` pixels.
    """
    rows, columns = np.ogrid[:size[0], :size[1]]
    across, down = (columns - x).astype(np.float32), (rows - y).astype(np.float32)
    along = across * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))
    aside = down * np.float32(np.cos(angle)) - across * np.float32(np.sin(angle))
    ahead = np.maximum(along, 1.0)
    wide = aside / (ahead * np.float32(spread) + 5.0)
    lit: Floats = (np.exp(-wide * wide) * np.exp(-ahead / np.float32(reach)) * (along > 0)).astype(np.float32)
    return lit


def add_stars(canvas: Floats, below: float, count: int, seed: int = 7) -> None:
    """Faint stars on the upper ``below`` (0 to 1) of the canvas, thinning towards the horizon."""
    height, width = canvas.shape[:2]
    rows = (noise(count, seed) ** 1.4 * below * height).astype(int)
    columns = (noise(count, seed + 1) * (width - 2)).astype(int)
    bright = noise(count, seed + 2) ** 5 * 0.62 + 0.05
    for row, column, light in zip(rows, columns, bright, strict=True):
        canvas[row, column] += light
        canvas[row + 1, column] += light * 0.45
        canvas[row, column + 1] += light * 0.45


def add_waves(canvas: Floats, horizon: int, colour: Colour, strength: float, phase: float = 0.0) -> None:
    """Glints of ``colour`` on the sea below row ``horizon``: long and close far away, broad and apart in front."""
    height, width = canvas.shape[:2]
    depth = np.arange(1, height - horizon + 1, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    near = depth / (height - horizon)
    swell = np.log(depth + 6.0) * 15.0
    crest = (
        np.sin(swell * 2.1 + columns * (0.021 - 0.012 * near) + phase)
        * np.sin(swell * 1.3 - columns * (0.013 - 0.005 * near) + phase * 0.7 + 1.7)
        * np.sin(columns * 0.0047 + swell * 0.37 + 0.6)
    )
    glint = np.maximum(crest - 0.25, 0.0) * (0.35 + 0.65 * near) * np.float32(strength)
    canvas[horizon:] += glint[..., None] * np.asarray(colour, np.float32)


def lighthouse(size: Size, x: float, foot: float, height: float) -> tuple[Floats, Floats, tuple[float, float]]:
    """A lighthouse that stands on (x, foot): coverage of its body, of its lit lantern, and the lamp's place."""
    unit = height / 100

    def slab(y_low: float, y_high: float, half_low: float, half_high: float) -> Floats:
        low, high, foot_half, top_half = (unit * length for length in (y_low, y_high, half_low, half_high))
        return polygon(size, [(x - foot_half, foot - low), (x - top_half, foot - high),
                              (x + top_half, foot - high), (x + foot_half, foot - low)])

    parts = [
        slab(0, 76, 11, 7), slab(76, 79, 10.5, 10.5), slab(79, 84, 9.6, 9.6) * 0.55, slab(92, 101, 7.4, 1.0),
        slab(101, 106, 0.6, 0.4), slab(79, 92, 0.7, 0.7), slab(-3, 0, 14, 13),
    ]
    body = np.maximum.reduce(parts)
    lantern = slab(79, 92, 5.4, 5.4) * (1 - slab(79, 92, 0.7, 0.7))
    return body, lantern, (x, foot - 86 * unit)


def headland(size: Size, points: Sequence[tuple[float, float]]) -> Floats:
    """The coverage of land under a line of (x, y) ``points``, roughened a little."""
    xs = np.linspace(points[0][0], points[-1][0], 160)
    ys = np.interp(xs, [x for x, _ in points], [y for _, y in points])
    rough = np.convolve(noise(len(xs), 3) - 0.5, np.ones(3) / 3, "same") * 9
    line = [(float(x), float(y)) for x, y in zip(xs, ys + rough, strict=True)]
    return polygon(size, [*line, (line[-1][0], size[0] + 2.0), (line[0][0], size[0] + 2.0)])
