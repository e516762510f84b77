"""Between drawn colours and the pictures on air: RGB to BT.709 limited range, 4:2:0."""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Plane = NDArray[np.uint8]

_KR, _KB = 0.2126, 0.0722  # ITU-R BT.709-6, item 3.2


def to_ycbcr(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Y, Cb and Cr of non-linear ``rgb`` (..., 3; 0 to 1) on the 8-bit limited scale, unrounded (BT.709-6, 4.6)."""
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = _KR * red + (1 - _KR - _KB) * green + _KB * blue
    return (
        (16 + 219 * luma).astype(np.float32),
        (128 + 224 * (blue - luma) / (2 - 2 * _KB)).astype(np.float32),
        (128 + 224 * (red - luma) / (2 - 2 * _KR)).astype(np.float32),
    )


def quarter(plane: Floats) -> Floats:
    """The mean of each 2 × 2 block: half the height, half the width."""
    height, width = plane.shape
    mean: Floats = plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    return mean


def planes_of(picture: av.VideoFrame) -> list[Plane]:
    """The three planes of a yuv420p picture as views of its memory, without the padding of their rows."""
    return [
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:plane.height, :plane.width]
        for plane in picture.planes
    ]


def empty_like(picture: av.VideoFrame) -> av.VideoFrame:
    """A new picture with the size and timing of ``picture``, tagged BT.709 limited; its pixels are undefined."""
    fresh = av.VideoFrame(picture.width, picture.height, "yuv420p")
    fresh.pts = picture.pts
    if picture.time_base is not None:
        fresh.time_base = picture.time_base
    return tagged(fresh)


def tagged(picture: av.VideoFrame) -> av.VideoFrame:
    """``picture``, said to be BT.709 limited."""
    picture.colorspace = Colorspace.ITU709
    picture.color_range = ColorRange.MPEG
    picture.color_primaries = ColorPrimaries.BT709
    picture.color_trc = ColorTrc.BT709
    return picture


def picture_from_rgb(rgb: Floats) -> av.VideoFrame:
    """A yuv420p picture of ``rgb`` (height, width, 3; 0 to 1; even sizes), dithered so that dark slopes do not band.

    The dither is an ordered pattern of half a step, the same on every machine and in every frame.
    """
    height, width = rgb.shape[:2]
    picture = tagged(av.VideoFrame(width, height, "yuv420p"))
    luma, blue, red = to_ycbcr(rgb)
    for plane, exact in zip(planes_of(picture), (luma, quarter(blue), quarter(red)), strict=True):
        plane[:] = (exact + _threshold(exact.shape)).clip(0, 255)
    return picture


def _threshold(shape: tuple[int, ...]) -> Floats:
    """Interleaved gradient noise, 0 to 1 (Jimenez, “Next Generation Post Processing in Call of Duty”, 2014)."""
    rows, columns = np.ogrid[:shape[0], :shape[1]]
    noise: Floats = (52.9829189 * ((0.06711056 * columns + 0.00583715 * rows) % 1.0) % 1.0).astype(np.float32)
    return noise
