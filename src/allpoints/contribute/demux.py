"""Reads what a conforming child sends, without copying a picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np

from allpoints.contribute.source import Sound
from allpoints.kernel.timeline import TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Pictured:
    """The picture of tick ``index``, counted from the child's start."""

    index: int
    picture: av.VideoFrame


@dataclass(frozen=True, slots=True)
class Heard:
    """Samples from sample ``start`` on, counted from the child's start; float32, shape (n, 2)."""

    start: int
    sound: Sound


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A small JPEG."""

    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Began:
    """Which tracks the child sends; always comes first."""

    picture: bool
    sound: bool


Piece = Began | Pictured | Heard | Snapshot


def read_nut(descriptor: int) -> Iterator[Piece]:
    """Everything that comes from ``descriptor`` until its end; closes it. Ends early when the stream is damaged."""
    try:
        with av.open(
            f"pipe:{descriptor}", format="nut", options={"probesize": "32", "analyzeduration": "0"}
        ) as container:
            yield Began(bool(container.streams.video), bool(container.streams.audio))
            for packet in container.demux():
                if packet.size == 0 or packet.pts is None:
                    continue
                if isinstance(packet.stream, av.AudioStream):
                    samples = np.frombuffer(bytes(packet), np.float32).reshape(-1, 2)
                    assert packet.time_base is not None
                    yield Heard(round(packet.pts * packet.time_base * packet.stream.rate), samples)
                elif packet.stream.codec_context.name == "mjpeg":
                    yield Snapshot(bytes(packet))
                else:
                    assert packet.time_base is not None
                    for frame in packet.decode():
                        assert isinstance(frame, av.VideoFrame)
                        yield Pictured(round(packet.pts * packet.time_base * TICKS_PER_SECOND), frame)
    except (av.FFmpegError, ValueError):
        return  # the child died in the middle of a packet, or before its first
    finally:
        os.close(descriptor)
