"""Colours, name graphics and dissolves, told by pixels."""

from __future__ import annotations

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from allpoints.stage.colours import picture_from_rgb, planes_of, tagged
from allpoints.stage.graphics import LowerThird, blend, mix_pictures

WIDTH, HEIGHT = 1280, 720


def plain(luma: int, blue: int = 128, red: int = 128) -> av.VideoFrame:
    picture = tagged(av.VideoFrame(WIDTH, HEIGHT, "yuv420p"))
    for plane, level in zip(planes_of(picture), (luma, blue, red), strict=True):
        plane[:] = level
    picture.pts = 7
    return picture


def pixels(picture: av.VideoFrame) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return [plane.copy() for plane in planes_of(picture)]


# BT.709 bars at 75 %, 8-bit limited: ITU-R BT.709 with SMPTE RP 219's rounding.
@pytest.mark.parametrize(("rgb", "expected"), [
    ((0, 0, 0), (16, 128, 128)), ((1, 1, 1), (235, 128, 128)), ((0.75, 0, 0), (51, 109, 212)),
    ((0, 0.75, 0), (133, 63, 52)), ((0, 0, 0.75), (28, 212, 120)), ((0.75, 0.75, 0), (168, 44, 136)),
])
def test_colours_become_bt709_limited(rgb: tuple[float, float, float], expected: tuple[int, int, int]) -> None:
    picture = picture_from_rgb(np.full((8, 8, 3), rgb, np.float32))
    assert picture.colorspace == Colorspace.ITU709
    assert picture.color_range == ColorRange.MPEG
    for plane, level in zip(planes_of(picture), expected, strict=True):
        assert abs(float(plane.mean()) - level) <= 0.6


def test_a_dark_slope_is_dithered_to_its_true_mean() -> None:
    slope = np.zeros((64, 256, 3), np.float32) + np.linspace(0, 0.02, 256, dtype=np.float32)[None, :, None]
    luma = planes_of(picture_from_rgb(slope))[0].astype(float)
    exact = 16 + 219 * np.linspace(0, 0.02, 256)
    smooth = np.convolve(luma.mean(axis=0), np.ones(9) / 9, "valid")
    assert np.abs(smooth - exact[4:-4]).max() < 0.15


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 1.0])
def test_a_mix_weighs_both_pictures_and_changes_neither(fraction: float) -> None:
    first, second = plain(16, 240, 16), plain(235, 16, 240)
    mixed = mix_pictures(first, second, fraction)
    for plane, one, other in zip(planes_of(mixed), (16, 240, 16), (235, 16, 240), strict=True):
        expected = one + (other - one) * fraction
        assert np.abs(plane.astype(float) - expected).max() <= 0.5
    assert all((plane == level).all() for plane, level in zip(pixels(first), (16, 240, 16), strict=True))
    assert all((plane == level).all() for plane, level in zip(pixels(second), (235, 16, 240), strict=True))
    assert mixed.colorspace == Colorspace.ITU709


def test_a_lower_third_changes_its_rectangle_only_and_not_the_frame_it_is_given() -> None:
    picture, graphic = plain(235), LowerThird("Astrid Solheim", "Keeper of Utsira")
    mixed = blend(picture, graphic, 1.0)
    assert all((plane == level).all() for plane, level in zip(pixels(picture), (235, 128, 128), strict=True))
    luma = planes_of(mixed)[0]
    height, width = graphic.colours[0].shape
    changed = luma != 235
    assert changed[graphic.top:graphic.top + height, graphic.left:graphic.left + width].mean() > 0.7
    changed[graphic.top:graphic.top + height, graphic.left:graphic.left + width] = False
    assert not changed.any()
    assert mixed.pts == picture.pts


def test_no_opacity_leaves_the_picture_and_half_of_it_lies_between() -> None:
    picture, graphic = plain(200), LowerThird("Keeper")
    none, half, full = (planes_of(blend(picture, graphic, share))[0].astype(int) for share in (0.0, 0.5, 1.0))
    assert (none == 200).all()
    assert np.abs(half - (none + full) / 2).max() <= 1.5


def test_a_persian_name_stands_on_the_right() -> None:
    latin, persian = LowerThird("Astrid", "Utsira"), LowerThird("نگهبان", "Utsira")
    assert latin.left == 64
    assert persian.left + persian.colours[0].shape[1] == WIDTH - 64


@pytest.mark.parametrize("title", ["", "A" * 200, "\N{TIBETAN LETTER KA}", "two\nlines"])
def test_odd_names_are_drawn_within_the_picture(title: str) -> None:
    graphic = LowerThird(title, title)
    height, width = graphic.colours[0].shape
    assert graphic.left >= 0
    assert graphic.left + width <= WIDTH
    assert graphic.top + height <= HEIGHT
    blend(plain(100), graphic, 1.0)
