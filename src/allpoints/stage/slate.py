"""The holding picture: what people see whenever there is nothing else to show. It sounds of nothing.

Silence, and not music, on purpose: it loops without a click, nobody mistakes it for the programme, and whoever
listens to audio only hears at once when somebody speaks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.folders import Folders
from allpoints.kernel.kept import kept
from allpoints.kernel.text import fonts, painting, shaping
from allpoints.kernel.text.fonts import Style
from allpoints.kernel.text.painting import Block, Setting, cover, paint_coverage, set_to_fit
from allpoints.kernel.text.shaping import base_direction
from allpoints.schedule.model import Localized
from allpoints.stage import colours, scenery
from allpoints.stage.colours import Floats, picture_from_rgb, tagged

_INK, _PALE, _AMBER, _LAMP = (1.0, 0.985, 0.955), (0.72, 0.81, 0.88), (1.0, 0.77, 0.42), (1.0, 0.86, 0.58)
_MARGIN, _ROOM, _COLUMN, _GUTTER = 84, 800, 226, 52
_HORIZON = 508
_MOST_OTHERS = 4


def draw_slate(
    title: Localized, message: Localized, languages: Sequence[str], size: tuple[int, int] = (WIDTH, HEIGHT)
) -> av.VideoFrame:
    """The slate as a yuv420p picture, BT.709 limited, of ``size`` (width, height; even).

    The first of ``languages`` is set large, on the side where its script begins; up to four others stand below, each
    in its own script and direction. The same arguments give the same pixels.
    """
    main, *others = languages or ["en"]
    rtl = base_direction(title.in_language(main)) == "rtl"
    canvas = _coast()
    if rtl:
        canvas = np.ascontiguousarray(canvas[:, ::-1])
    _paint_main(canvas, title.in_language(main), message.in_language(main), main, rtl, lifted=bool(others))
    _paint_others(canvas, title, message, others, rtl)
    picture = picture_from_rgb(canvas)
    if size != (WIDTH, HEIGHT):
        picture = tagged(VideoReformatter().reformat(picture, *size, interpolation=Interpolation.AREA))
    return picture


def kept_slate(folders: Folders, title: Localized, message: Localized, languages: Sequence[str]) -> av.VideoFrame:
    """The slate as ``draw_slate`` draws it, from the memory folder where it was drawn before."""
    code = [Path(module.__file__ or "") for module in (scenery, colours, painting, shaping, fonts)]
    words = [repr((title.texts, message.texts, tuple(languages)))]
    drawn = kept(
        folders, "slate", [*words, Path(__file__), *code],
        lambda: draw_slate(title, message, languages).to_ndarray().tobytes(),
    )
    planes = np.frombuffer(drawn, np.uint8).reshape(HEIGHT * 3 // 2, WIDTH)
    return colours.tagged(av.VideoFrame.from_ndarray(planes, "yuv420p"))


def _coast() -> Floats:
    size = (HEIGHT, WIDTH)
    canvas = scenery.gradient(size, [
        (0.0, (0.012, 0.034, 0.082)), (0.45, (0.022, 0.085, 0.165)), (0.705, (0.062, 0.205, 0.300)),
        (0.7055, (0.030, 0.125, 0.200)), (0.80, (0.018, 0.075, 0.135)), (1.0, (0.008, 0.032, 0.070)),
    ])
    scenery.add_stars(canvas, 0.62, 210)
    scenery.add_waves(canvas, _HORIZON, (0.55, 0.80, 0.95), 0.11)
    land = scenery.headland(size, [(960, HEIGHT), (1010, 590), (1065, 552), (1105, 540), (1180, 538), (1235, 556),
                                   (1290, 566)])
    tower, lantern, (lamp_x, lamp_y) = scenery.lighthouse(size, 1128, 544, 300)
    light = np.asarray(_LAMP, np.float32)
    for angle, strength in ((np.pi * 0.978, 0.40), (-np.pi * 0.022, 0.24)):
        lit = scenery.beam(size, lamp_x, lamp_y, angle, 0.085, 780)
        lit[_HORIZON:] *= 0.35
        canvas += lit[..., None] * light * strength
    canvas += scenery.glow(size, lamp_x, lamp_y, 70)[..., None] * light * 0.32
    reflection = scenery.glow((HEIGHT, WIDTH), lamp_x, _HORIZON + 40, 190)
    reflection[:_HORIZON] = 0
    canvas += reflection[..., None] * light * 0.10
    paint_coverage(canvas, land, (0.010, 0.026, 0.050))
    paint_coverage(canvas, tower, (0.018, 0.045, 0.080))
    paint_coverage(canvas, lantern, (1.0, 0.93, 0.74))
    canvas += scenery.glow(size, lamp_x, lamp_y, 16)[..., None] * light * 0.7
    return np.asarray(np.clip(canvas, 0.0, 1.0), np.float32)


def _paint_main(canvas: Floats, title: str, message: str, language: str, rtl: bool, lifted: bool) -> None:
    left = WIDTH - _MARGIN - _ROOM if rtl else _MARGIN
    name = set_to_fit(title, Setting(68, Style.TITLE, language, leading=1.12), _ROOM, 2, 30)
    top = (282.0 if lifted else 312.0) - name.height / 2
    _paint(canvas, name, left, top, _ROOM, _INK)
    rule = round(top + name.height + 16)
    bar = slice(left + _ROOM - 64, left + _ROOM) if rtl else slice(left, left + 64)
    canvas[rule:rule + 4, bar] = _AMBER
    word = set_to_fit(message, Setting(31, Style.TEXT, language), _ROOM, 2, 20)
    _paint(canvas, word, left, rule + 22, _ROOM, _AMBER)


def _paint_others(canvas: Floats, title: Localized, message: Localized, languages: Sequence[str], rtl: bool) -> None:
    """One column a language along the bottom, as wide as its words."""
    edge = float(WIDTH - _MARGIN if rtl else _MARGIN)
    for tag in [tag for tag in languages if tag in title.texts or tag in message.texts][:_MOST_OTHERS]:
        name = set_to_fit(title.texts.get(tag, ""), Setting(21, Style.BOLD, tag, leading=1.25), _COLUMN, 2, 13)
        word = set_to_fit(message.texts.get(tag, ""), Setting(18, Style.TEXT, tag, leading=1.25), _COLUMN, 2, 13)
        width = max(name.width, word.width)
        left = edge - width if rtl else edge
        _paint(canvas, name, left, 566.0, width, _PALE, 0.92)
        _paint(canvas, word, left, 572.0 + name.height, width, _AMBER, 0.92)
        edge += -(width + _GUTTER) if rtl else width + _GUTTER


def _paint(
    canvas: Floats, block: Block, left: float, top: float, width: float, colour: scenery.Colour, opacity: float = 1.0
) -> None:
    shade = cover(block, (HEIGHT, WIDTH), left, top + 2, width)
    paint_coverage(canvas, shade, (0.0, 0.02, 0.05), 0.55)  # keeps letters apart from the beam behind them
    paint_coverage(canvas, cover(block, (HEIGHT, WIDTH), left, top, width), colour, opacity)
