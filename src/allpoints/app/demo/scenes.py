"""The coasts where the demo's keepers speak: drawn once, then moved frame by frame as cheaply as can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from allpoints.app.demo.cast import Colour, Sky, Speaker
from allpoints.app.demo.keepers import draw_keeper
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.text.fonts import Style
from allpoints.kernel.text.painting import Setting, cover, paint_coverage, set_text
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.stage import scenery
from allpoints.stage.colours import Floats, picture_from_rgb, planes_of, tagged

SIZE = (HEIGHT, WIDTH)
_ROWS, _COLUMNS = HEIGHT // 2, WIDTH // 4  # light and glints are soft: drawn small, then enlarged


@dataclass(frozen=True)
class Weather:
    """The look of a coast: its sky and sea from top to bottom, and what moves in it."""

    stops: Sequence[tuple[float, Colour]]
    land: Colour
    tower: Colour
    bands: Colour
    light: float
    rim: Colour
    beam: float
    waves: float
    stars: int = 0
    rain: float = 0.0
    disc: tuple[float, float, float, Colour] | None = None
    gulls: int = 0


_HORIZON = 0.70
WEATHERS: dict[Sky, Weather] = {
    "night": Weather(
        [(0, (0.02, 0.05, 0.13)), (0.5, (0.05, 0.14, 0.27)), (0.70, (0.12, 0.30, 0.42)), (0.702, (0.05, 0.17, 0.27)),
         (1, (0.02, 0.07, 0.14))],
        (0.03, 0.06, 0.10), (0.30, 0.36, 0.44), (0.34, 0.12, 0.14), 0.78, (1.0, 0.84, 0.55), 120, 34, stars=240),
    "dawn": Weather(
        [(0, (0.20, 0.33, 0.52)), (0.35, (0.52, 0.55, 0.65)), (0.58, (0.96, 0.72, 0.55)), (0.70, (1.0, 0.83, 0.60)),
         (0.702, (0.66, 0.58, 0.56)), (1, (0.16, 0.28, 0.38))],
        (0.16, 0.18, 0.22), (0.86, 0.82, 0.76), (0.66, 0.28, 0.22), 1.0, (1.0, 0.86, 0.62), 44, 40,
        disc=(0.40, 0.655, 38, (1.0, 0.93, 0.72)), gulls=3),
    "storm": Weather(
        [(0, (0.07, 0.09, 0.12)), (0.4, (0.16, 0.19, 0.23)), (0.70, (0.30, 0.34, 0.36)), (0.702, (0.12, 0.19, 0.21)),
         (1, (0.04, 0.08, 0.10))],
        (0.05, 0.06, 0.07), (0.46, 0.48, 0.50), (0.40, 0.16, 0.14), 0.82, (1.0, 0.86, 0.60), 130, 70, rain=1.0),
    "dusk": Weather(
        [(0, (0.12, 0.10, 0.28)), (0.4, (0.42, 0.20, 0.40)), (0.62, (0.88, 0.42, 0.34)), (0.70, (0.99, 0.64, 0.36)),
         (0.702, (0.46, 0.25, 0.34)), (1, (0.09, 0.09, 0.20))],
        (0.10, 0.07, 0.12), (0.72, 0.60, 0.58), (0.36, 0.16, 0.24), 0.92, (1.0, 0.70, 0.42), 80, 36, stars=60,
        disc=(0.62, 0.69, 46, (1.0, 0.72, 0.42)), gulls=2),
    "moon": Weather(
        [(0, (0.03, 0.06, 0.12)), (0.5, (0.08, 0.17, 0.26)), (0.70, (0.20, 0.33, 0.40)), (0.702, (0.09, 0.20, 0.27)),
         (1, (0.02, 0.07, 0.12))],
        (0.04, 0.07, 0.10), (0.50, 0.56, 0.60), (0.20, 0.30, 0.36), 0.84, (0.86, 0.93, 1.0), 90, 44, stars=150,
        disc=(0.36, 0.30, 44, (0.96, 0.96, 0.88))),
    "monsoon": Weather(
        [(0, (0.12, 0.20, 0.22)), (0.4, (0.24, 0.36, 0.37)), (0.70, (0.46, 0.57, 0.52)), (0.702, (0.20, 0.33, 0.33)),
         (1, (0.06, 0.14, 0.16))],
        (0.09, 0.15, 0.12), (0.76, 0.74, 0.66), (0.58, 0.22, 0.16), 0.94, (1.0, 0.86, 0.60), 70, 56, rain=0.7),
    "day": Weather(
        [(0, (0.30, 0.56, 0.80)), (0.5, (0.62, 0.80, 0.90)), (0.70, (0.88, 0.93, 0.92)), (0.702, (0.28, 0.55, 0.64)),
         (1, (0.07, 0.26, 0.38))],
        (0.26, 0.33, 0.28), (0.95, 0.94, 0.91), (0.74, 0.20, 0.18), 1.05, (1.0, 0.96, 0.84), 0, 52,
        disc=(0.50, 0.19, 34, (1.0, 0.98, 0.88)), gulls=4),
}


class Coast:
    """A coast with a lighthouse, drawn as planes; ``frame`` moves its beam, its sea, its rain and its gulls."""

    def __init__(self, weather: Weather, tower_x: float, tower_height: float = 330) -> None:
        self.weather = weather
        self.horizon = round(_HORIZON * HEIGHT)
        self.canvas = self._drawn(tower_x, tower_height)
        self._scaler = VideoReformatter()
        self._rain = _rain_texture(weather.rain) if weather.rain else None
        rows, columns = np.mgrid[:_ROWS, :_COLUMNS].astype(np.float32)
        self._across = columns * 4 + 2 - np.float32(self.lamp[0])
        self._down = rows * 2 + 1 - np.float32(self.lamp[1])
        first = self.horizon // 2
        depth = (rows[first:] - first + 1) * 2
        self._near = depth / (HEIGHT - self.horizon)
        swell = np.log(depth + 6) * 15
        x = columns[first:] * 4
        self._waves = (swell * 2.1 + x * (0.021 - 0.012 * self._near), swell * 1.3 - x * (0.013 - 0.005 * self._near),
                       x * 0.0047 + swell * 0.37)
        water = self._water[::2, ::4][first:]
        self._glint = (0.35 + 0.65 * self._near) * np.float32(weather.waves) * water
        self._base: list[NDArray[np.uint8]] = []

    def settle(self) -> None:
        """Turn what is painted on ``canvas`` into the planes that ``frame`` starts from."""
        self._base = [plane.copy() for plane in planes_of(picture_from_rgb(np.clip(self.canvas, 0, 0.97)))]

    def _drawn(self, tower_x: float, tower_height: float) -> Floats:
        weather = self.weather
        canvas = scenery.gradient(SIZE, weather.stops)
        if weather.stars:
            scenery.add_stars(canvas, 0.6, weather.stars)
        if weather.disc:
            self._add_disc(canvas, *weather.disc)
        foot = HEIGHT * 0.735
        land = scenery.headland(SIZE, [(tower_x - 300, HEIGHT), (tower_x - 210, foot + 66), (tower_x - 90, foot + 10),
                                       (tower_x, foot - 4), (tower_x + 120, foot + 22), (tower_x + 230, foot + 96),
                                       (tower_x + 320, HEIGHT)])
        self._water = 1 - land
        tower, lantern, self.lamp = scenery.lighthouse(SIZE, tower_x, foot, tower_height)
        shade = np.clip((np.arange(WIDTH) - tower_x) / (0.24 * tower_height) + 0.5, 0, 1).astype(np.float32)
        paint_coverage(canvas, land, weather.land)
        rows = (foot - np.arange(HEIGHT)) / tower_height
        banded = ((rows > 0.14) & (rows < 0.30)) | ((rows > 0.46) & (rows < 0.62))
        for part, colour in ((tower, weather.tower), (tower * banded[:, None], weather.bands)):
            tint = (0.72 + 0.4 * shade)[None, :, None] * np.asarray(colour, np.float32)
            canvas += (tint - canvas) * part[..., None]
        paint_coverage(canvas, tower * (rows > 0.91)[:, None], weather.bands)
        paint_coverage(canvas, lantern, (1.0, 0.93, 0.72), 1.0 if weather.beam else 0.55)
        if weather.beam:
            canvas += scenery.glow(SIZE, *self.lamp, 30)[..., None] * np.array([0.5, 0.42, 0.26], np.float32)
        return canvas

    def _add_disc(self, canvas: Floats, x: float, y: float, radius: float, colour: Colour) -> None:
        light = np.asarray(colour, np.float32)
        x, y = x * WIDTH, y * HEIGHT
        halo = scenery.glow(SIZE, x, y, radius * 3.2)
        halo[self.horizon:] *= 0.2
        canvas += halo[..., None] * light * 0.24
        angles = np.linspace(0, 2 * np.pi, 90)
        disc = scenery.polygon(SIZE, [(float(x + radius * np.cos(a)), float(y + radius * np.sin(a))) for a in angles])
        disc[self.horizon:] = 0
        paint_coverage(canvas, disc, colour)
        path = np.exp(-((np.arange(WIDTH) - x) / (radius * 1.6)) ** 2)[None, :] * np.linspace(
            0.4, 0.05, HEIGHT - self.horizon)[:, None]
        canvas[self.horizon:] += path[..., None].astype(np.float32) * light * 0.6

    def frame(self, number: int) -> av.VideoFrame:
        """Frame ``number`` at 25 a second: a new picture."""
        time = number / TICKS_PER_SECOND
        picture = tagged(av.VideoFrame(WIDTH, HEIGHT, "yuv420p"))
        luma, blue, red = planes_of(picture)
        glow = self._glow(time)
        np.add(self._base[0], glow, out=luma)
        warm = glow[::2, ::2]
        np.subtract(self._base[1], warm >> 3, out=blue)
        np.add(self._base[2], warm >> 4, out=red)
        if self._rain is not None:
            start = self._rain.shape[0] - HEIGHT - int(time * 900) % (self._rain.shape[0] - HEIGHT)
            np.add(luma, self._rain[start:start + HEIGHT], out=luma)
        for gull in range(self.weather.gulls):
            _add_gull(luma, time, gull)
        return picture

    def _glow(self, time: float) -> NDArray[np.uint8]:
        """Light to add to luma: the turning beam and the glints of the sea."""
        small = np.zeros((_ROWS, _COLUMNS), np.float32)
        first = self.horizon // 2
        if self.weather.beam:
            turn = 2 * np.pi * time / 9.0
            for side in (0.0, np.pi):
                reach = np.cos(turn + side)
                flare = max(0.0, -np.sin(turn + side)) ** 6
                small += self._cone(1.0 if reach > 0 else -1.0, abs(reach)) * np.float32(self.weather.beam)
                if flare > 0.01:
                    distance = (self._across**2 + self._down**2) / np.float32(70**2)
                    small += np.float32(self.weather.beam * 0.8 * flare) / (1 + distance)
            small[first:] *= 0.4
        one, two, three = self._waves
        crest = np.sin(one + np.float32(time * 1.9)) * np.sin(two + np.float32(1.7 - time * 1.3)) * np.sin(
            three + np.float32(0.6 + time * 0.5))
        small[first:] += np.maximum(crest - 0.2, 0) * self._glint
        grey = av.VideoFrame(_COLUMNS, _ROWS, "gray")
        planes_of(grey)[0][:] = np.minimum(small, 200)
        large = self._scaler.reformat(grey, WIDTH, HEIGHT, interpolation=Interpolation.BILINEAR)
        room = 235 - self._base[0]
        return np.minimum(planes_of(large)[0], room)

    def _cone(self, side: float, length: float) -> Floats:
        along = self._across * np.float32(side)
        ahead = np.maximum(along, 1.0)
        wide = (self._down - ahead * np.float32(0.03)) / (ahead * np.float32(0.075 + 0.05 * (1 - length)) + 5)
        lit: Floats = np.exp(-wide * wide - ahead / np.float32(40 + 900 * length)) * (along > 0)
        return lit


def _rain_texture(strength: float) -> NDArray[np.uint8]:
    """Streaks of rain, twice as high as the picture and repeating after its first half."""
    drops = np.zeros((HEIGHT, WIDTH), np.float32)
    count = round(900 * strength)
    rows, columns, lengths, light = (scenery.noise(count, seed) for seed in (11, 12, 13, 14))
    for row, column, length, bright in zip(rows * HEIGHT, columns * WIDTH, lengths, light, strict=True):
        for step in range(round(16 + 26 * length)):
            drops[(int(row) + step) % HEIGHT, int(column + step * 0.16) % WIDTH] = 6 + 16 * bright
    return np.vstack([drops, drops]).astype(np.uint8)


def _add_gull(luma: NDArray[np.uint8], time: float, number: int) -> None:
    """A gull: two wings that beat, gliding from left to right."""
    x = (number * 0.37 * WIDTH + time * (46 + 9 * number)) % (WIDTH + 120) - 60
    y = 160 + 44 * number + 18 * np.sin(time * 0.8 + number * 2)
    beat = 0.5 + 0.5 * np.sin(time * (5.1 + 0.6 * number) + number)
    size = 17 - 2 * number
    for step in np.linspace(-1, 1, 4 * size):
        height = size * (abs(step) * (0.9 * beat - 0.25) - 0.5 * step * step * beat)
        column, row = round(float(x + step * size)), round(float(y - height))
        if 0 <= column < WIDTH - 1:
            wing = luma[row:row + 2, column:column + 2]
            np.minimum(wing, 70, out=wing)


class KeeperScene:
    """A keeper before a coast. ``frame`` draws the picture for a mouth that stands open by 0 to 1."""

    def __init__(self, speaker: Speaker) -> None:
        weather = WEATHERS[speaker.sky]
        name = set_text(speaker.name[speaker.spoken], Setting(44, Style.TITLE, speaker.spoken))
        self._mirrored = name.lines[0].direction == "rtl"
        self._coast = Coast(weather, 1010 if self._mirrored else 270, 300)
        self._left = 70 if self._mirrored else 650
        self._keeper = draw_keeper(speaker.figure, weather.light, weather.rim,
                                   lit_from_left=not self._mirrored)
        about = set_text(f"{speaker.station}   {speaker.position}", Setting(23, Style.TEXT, speaker.spoken))
        canvas, room = self._coast.canvas, WIDTH - 128.0
        ink = (1.0, 0.99, 0.96)
        for block, top in ((name, 40.0), (about, 102.0)):
            paint_coverage(canvas, cover(block, SIZE, 64, top + 2, room), (0.0, 0.03, 0.06), 0.4)
            paint_coverage(canvas, cover(block, SIZE, 64, top, room), ink, 0.96)
        self._coast.settle()

    @property
    def place(self) -> float:
        """Where the keeper stands: −1 is the left edge of the picture, 1 the right."""
        return -0.45 if self._mirrored else 0.45

    def frame(self, number: int, mouth: float) -> av.VideoFrame:
        """Frame ``number`` at 25 a second."""
        time = number / TICKS_PER_SECOND
        picture = self._coast.frame(number)
        planes = planes_of(picture)
        breath = 2.0 * np.sin(time * 1.6)
        self._keeper.body.over(planes, self._left, 164 + breath)
        sway = 5 * np.sin(time * 0.9) + 2 * np.sin(time * 2.3 + 1)
        nod = breath + 3 * np.sin(time * 1.3) + 3.5 * mouth
        self._keeper.head(mouth, blink=number % 83 in (0, 1, 2)).over(planes, self._left + sway, 164 + nod)
        return picture
