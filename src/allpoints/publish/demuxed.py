"""Released segments taken apart again: the coded pictures and sounds, nothing decoded."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import av

from allpoints.publish.released import ReleasedSegment


@dataclass(frozen=True, slots=True)
class CodedUnit:
    """One coded picture (NAL units behind their lengths, ISO 14496-15) or one raw AAC frame.

    ``time`` is when it is shown and decoded, both alike, in seconds since the gathering's epoch.
    """

    time: Fraction
    content: bytes
    is_key: bool


@dataclass(frozen=True)
class Demuxed:
    """What is in a segment. ``setup`` is the decoder's configuration: an avcC record (ISO 14496-15, 5.3.3.1) or an
    AudioSpecificConfig (ISO 14496-3, 1.6.2.1)."""

    setup: bytes
    units: tuple[CodedUnit, ...]


def demuxed(segment: ReleasedSegment) -> Demuxed:
    """Take a segment apart. Raises OSError where its files are gone, and av.FFmpegError where they are damaged."""
    joined = io.BytesIO(segment.init.read_bytes() + segment.path.read_bytes())
    with av.open(joined, "r", format="mp4") as container:
        stream = container.streams[0]
        assert isinstance(stream, av.VideoStream | av.AudioStream)
        base = stream.time_base
        assert base is not None
        units = tuple(
            CodedUnit(packet.dts * base, bytes(packet), packet.is_keyframe)
            for packet in container.demux(stream) if packet.dts is not None
        )
        return Demuxed(stream.codec_context.extradata or b"", units)
