"""What is known of a media file before it is played."""

from __future__ import annotations

from typing import Literal

import msgspec

Transfer = Literal["sdr", "pq", "hlg"]

CONTAINERS = (
    "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "asf",
    "mxf", "ogg", "dv", "wav", "w64", "aiff", "caf", "mp3", "aac", "flac", "ac3", "eac3", "amr", "h264", "hevc",
    "m4v", "obu", "ivf",
)
"""Names of the FFmpeg demuxers that read one file and can name no other. Whatever reads a playlist, a script or a
pattern of names (concat, hls, dash, sdp, image2, imf …) stays off this list."""

STILL_FORMATS = (
    (b"\x89PNG\r\n\x1a\n", "png_pipe"), (b"\xff\xd8\xff", "jpeg_pipe"), (b"BM", "bmp_pipe"), (b"GIF8", "gif"),
    (b"II*\0", "tiff_pipe"), (b"MM\0*", "tiff_pipe"), (b"RIFF", "webp_pipe"),
)
"""The first bytes of each kind of still, and FFmpeg's demuxer for it."""

MOST_PIXELS = 8192 * 4608
"""The largest picture that is ever opened, also for converting."""

MOST_PLAYABLE_PIXELS = 5120 * 2880
"""The largest picture that is tried live at all."""

LIGHT_PIXELS_PER_SECOND = 1920 * 1088 * 61
"""Up to here decoding is not measured: every machine that can run a stage manages it."""

LEAST_SPEED = 1.5
"""How much faster than real time a file must decode."""


class PictureFacts(msgspec.Struct, frozen=True):
    """A file's picture track. ``aspect`` is width over height as shown, after rotation and pixel shape; its first
    picture is due ``starts_ms`` after the file's start."""

    stream: int
    codec: str
    width: int
    height: int
    aspect: float
    rotation: int = 0
    interlaced: bool = False
    transfer: Transfer = "sdr"
    rate: float = 25.0
    starts_ms: float = 0.0


class SoundFacts(msgspec.Struct, frozen=True):
    """A file's sound track. ``rate`` in Hz; its first sample is due ``starts_ms`` after the file's start."""

    stream: int
    codec: str
    rate: int
    channels: int
    starts_ms: float = 0.0


class MediaFacts(msgspec.Struct, frozen=True):
    """A file that can be aired: at least one of ``picture`` and ``sound``.

    ``container`` is an FFmpeg demuxer's name; ``duration_ms`` is None where the file does not say; ``speed`` is how
    many times faster than real time it decoded here, measured only for heavy pictures.
    """

    container: str
    picture: PictureFacts | None
    sound: SoundFacts | None
    duration_ms: int | None
    speed: float | None = None

    @property
    def heavy(self) -> bool:
        """Whether its decoding must be measured before it is trusted."""
        picture = self.picture
        if picture is None:
            return False
        return picture.transfer != "sdr" or picture.width * picture.height * picture.rate > LIGHT_PIXELS_PER_SECOND
