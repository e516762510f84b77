"""Small pictures of program and preview for the crew, made beside the mixer and never by it."""

from __future__ import annotations

import threading
from pathlib import Path

import av
from av.video.reformatter import VideoReformatter

from allpoints.contribute.pictures import keep_picture

SMALL = (480, 270)


def jpeg(picture: av.VideoFrame, size: tuple[int, int] = SMALL) -> bytes:
    """A JPEG of ``picture`` at ``size`` (width, height). Any thread may call, also for a picture in use elsewhere."""
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = encoder.framerate = 1  # type: ignore[assignment]
    encoder.options = {"qmin": "4", "qmax": "8"}
    # A frame's own ``reformat`` keeps its scaler in the frame, which other threads scale from at the same time.
    scaler = VideoReformatter()
    small = scaler.reformat(picture, *size, format="yuvj420p", src_color_range="MPEG", dst_color_range="JPEG")
    small.pts = 0
    return b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None)))


class CrewPictures:
    """Writes ``program.jpg`` and ``preview.jpg`` from the newest frame offered; what it has no time for is dropped.

    They show what is *on program*, ahead of any release: staff only, and overwritten within half a second.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest: dict[str, av.VideoFrame | None] = {}
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._draw, name="crew pictures", daemon=True)

    def start(self) -> None:
        """Start the drawing thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop drawing and take the pictures away."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(2.0)
        for name in ("program", "preview"):
            (self._folder / f"{name}.jpg").unlink(missing_ok=True)

    def offer(self, name: str, picture: av.VideoFrame | None) -> None:
        """Offer the newest frame of ``name``; None takes its picture away."""
        with self._wake:
            self._newest[name] = picture
            self._wake.notify()

    def _draw(self) -> None:
        while True:
            with self._wake:
                while not self._newest and not self._closing:
                    self._wake.wait()
                if self._closing:
                    return
                name, picture = self._newest.popitem()
            path = self._folder / f"{name}.jpg"
            if picture is None:
                path.unlink(missing_ok=True)
                continue
            try:
                keep_picture(path, jpeg(picture))
            except OSError:
                continue  # the memory folder is full: the crew misses a picture, the program misses nothing
