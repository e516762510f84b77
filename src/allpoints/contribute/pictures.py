"""Small JPEGs of the sources, for the crew's eyes."""

from __future__ import annotations

from pathlib import Path

import av
from av.video.reformatter import VideoReformatter

from allpoints.contribute.conform import SMALL_HEIGHT, SMALL_WIDTH
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.files import free_bytes, write_atomically
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import SourceRef

PICTURE_EVERY = 1.0

ROOM_FOR_PICTURES = 8_000_000
"""Bytes. With less than that free in the memory folder the crew gets no pictures: they are the first to go."""


class SourcePicture:
    """The picture file of one source; written only when it changes."""

    def __init__(self, folders: Folders, ref: SourceRef) -> None:
        self._path = folders.pictures / f"source-{ref}.jpg"
        self._jpeg = b""
        self._drawn: av.VideoFrame | None = None
        self._due_at = float("-inf")

    def show(self, jpeg: bytes) -> None:
        """Show this JPEG; no picture at all where the memory folder is nearly full. Raises OSError."""
        if jpeg != self._jpeg:
            keep_picture(self._path, jpeg)
            self._jpeg = jpeg

    def draw(self, picture: av.VideoFrame | None, monotonic: float) -> None:
        """Show what a feed shows, once a second at most."""
        if picture is None or picture is self._drawn or monotonic < self._due_at:
            return
        self._due_at = monotonic + PICTURE_EVERY
        self._drawn = picture
        self.show(small_jpeg(picture))

    def clear(self) -> None:
        """Take the picture away."""
        self._path.unlink(missing_ok=True)
        self._jpeg = b""


def keep_picture(path: Path, jpeg: bytes) -> None:
    """Write a picture for the crew, or take the old one away where the memory folder is nearly full."""
    if free_bytes(path.parent) < ROOM_FOR_PICTURES:
        path.unlink(missing_ok=True)
    else:
        write_atomically(path, jpeg)


def small_jpeg(picture: av.VideoFrame) -> bytes:
    """A 480×270 JPEG of ``picture``, which may be in use on other threads."""
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = SMALL_WIDTH, SMALL_HEIGHT, "yuvj420p"
    encoder.time_base = encoder.framerate = 1  # type: ignore[assignment]
    encoder.options = {"qmin": "4", "qmax": "8"}
    # A frame's own ``reformat`` would keep its scaler in the frame, which other threads use at the same time.
    small = VideoReformatter().reformat(
        picture, SMALL_WIDTH, SMALL_HEIGHT, format="yuvj420p", src_color_range="MPEG", dst_color_range="JPEG"
    )
    small.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))


def plain_card() -> av.VideoFrame:
    """A dark, empty picture: what sound without a picture shows unless a better card is given."""
    card = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, value in zip(card.planes, (34, 130, 126), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return card
