"""Reads what was published with libavformat and libavcodec: nothing of our own packager is used or trusted."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Playlist:
    """A media playlist: the map and the media files it lists, in order. A gap is None."""

    init: Path
    first_sequence: int
    files: tuple[Path | None, ...]


def read_playlist(path: Path) -> Playlist:
    """Parse the few tags a player needs, from ``path`` on disk; URIs are resolved beside it."""
    init, first, files, gap = None, 0, [], False
    for line in path.read_text().splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init = path.parent / line.split('URI="')[1].split('"')[0]
        elif line.startswith("#EXT-X-MEDIA-SEQUENCE:"):
            first = int(line.split(":")[1])
        elif line.startswith("#EXT-X-GAP"):
            gap = True
        elif line and not line.startswith("#"):
            files.append(None if gap else path.parent / line)
            gap = False
    assert init is not None, f"no EXT-X-MAP in {path}"
    return Playlist(init, first, tuple(files))


@dataclass(frozen=True)
class Track:
    """All packets of one rendition: decode and presentation times in seconds as exact fractions."""

    dts: list[Fraction]
    pts: list[Fraction]
    keyframes: list[bool]

    def deltas(self) -> set[Fraction]:
        """The distinct steps between neighbouring presentation times."""
        return {after - before for before, after in zip(self.pts, self.pts[1:], strict=False)}


def open_joined(playlist: Playlist, skip: int = 0) -> av.container.InputContainer:
    """Init and segments as one fragmented file, as a player's buffer sees them. ``skip`` leaves segments out."""
    blob = playlist.init.read_bytes() + b"".join(file.read_bytes() for file in playlist.files[skip:] if file)
    return av.open(io.BytesIO(blob), "r", format="mp4")


def read_track(playlist: Playlist) -> Track:
    """Demux without decoding."""
    track = Track([], [], [])
    with open_joined(playlist) as container:
        for packet in container.demux(container.streams[0]):
            if packet.dts is None or packet.pts is None:
                continue
            assert packet.time_base is not None
            track.dts.append(packet.dts * packet.time_base)
            track.pts.append(packet.pts * packet.time_base)
            track.keyframes.append(packet.is_keyframe)
    return track


def pictures(playlist: Playlist) -> Iterator[tuple[Fraction, NDArray[np.uint8]]]:
    """Decoded luma planes with their presentation times."""
    with open_joined(playlist) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            luma = frame.planes[0]
            rows = np.frombuffer(bytes(luma), np.uint8).reshape(-1, luma.line_size)
            yield frame.pts * frame.time_base, rows[: frame.height, : frame.width]


def sound(playlist: Playlist) -> tuple[Fraction, NDArray[np.float32]]:
    """The presentation time of the first sample, and all samples as float32, shape (n, channels), at 48 kHz.

    Frames are laid where their timestamps say, so a hole shows as silence and not as a shift.
    """
    with open_joined(playlist) as container:
        blocks: list[tuple[int, NDArray[np.float32]]] = []
        for frame in container.decode(audio=0):
            assert frame.pts is not None
            assert frame.time_base is not None
            at = round(frame.pts * frame.time_base * 48_000)
            blocks.append((at, frame.to_ndarray().T.astype(np.float32)))
    start = blocks[0][0]
    end = max(at + len(block) for at, block in blocks)
    samples = np.zeros((end - start, blocks[0][1].shape[1]), np.float32)
    for at, block in blocks:
        samples[at - start : at - start + len(block)] = block
    return Fraction(start, 48_000), samples
