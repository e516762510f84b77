"""Encoders that leave each frame as it comes: libx264, FFmpeg's AAC and libopus, in this process, without the GIL."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.frame import PictureType
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from allpoints.contribute.source import Sound
from allpoints.kernel.timeline import (
    SAMPLE_RATE,
    SAMPLES_PER_TICK,
    TICKS_PER_PART,
    TICKS_PER_SECOND,
    TICKS_PER_SEGMENT,
)
from allpoints.publish.fragments import Sample, length_prefixed
from allpoints.publish.ladder import AudioRung, Rung, VideoRung

_CONTAINER = {
    "movflags": "empty_moov+default_base_moof",
    "use_editlist": "0",  # times are absolute; an edit list would shift them once more
    "fflags": "+bitexact",  # no dates or version numbers: equal parameters give equal bytes
    "video_track_timescale": str(TICKS_PER_SECOND),
}


class VideoEncoder:
    """Encodes ticks of one rung. ``init`` is its init segment (bytes), ``codec`` its RFC 6381 name."""

    def __init__(self, rung: VideoRung) -> None:
        self._rung = rung
        header = io.BytesIO()
        self._container = av.open(header, "w", format="mp4", options=_CONTAINER)
        stream = self._container.add_stream("libx264", rate=Fraction(TICKS_PER_SECOND, rung.every),
                                            options=rung.options())
        assert isinstance(stream, VideoStream)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = rung.width, rung.height, "yuv420p"
        context.time_base = Fraction(1, TICKS_PER_SECOND)
        context.bit_rate = rung.bit_rate
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1
        stream.time_base = Fraction(1, TICKS_PER_SECOND)
        self._container.start_encoding()
        self._stream = stream
        self._scaler = VideoReformatter()
        self.init = header.getvalue()
        parameters = self.init[self.init.index(b"avcC") + 5 :]
        self.codec = "avc1." + parameters[:3].hex().upper()

    def encode(self, picture: av.VideoFrame, tick: int, *, key_every: int = TICKS_PER_SEGMENT) -> list[Sample]:
        """One tick in, its sample out (none at a tick that the rung's rate passes over)."""
        if tick % self._rung.every:
            return []
        # A frame of its own: the program's picture is shared, and time and type are written into the frame.
        frame = self._scaler.reformat(picture, self._rung.width, self._rung.height, interpolation="BILINEAR")
        if frame is picture:
            frame = _copy(picture)
        frame.pts, frame.time_base = tick, Fraction(1, TICKS_PER_SECOND)
        frame.pict_type = PictureType.I if tick % key_every == 0 else PictureType.NONE
        return [Sample(_time(packet), length_prefixed(bytes(packet))) for packet in self._stream.encode(frame)]

    def close(self) -> None:
        """Give the encoder's memory back."""
        self._container.close()


class AudioEncoder:
    """Encodes the sound of ticks onto the global grid of codec frames."""

    def __init__(self, rung: AudioRung, start_tick: int) -> None:
        self._rung = rung
        header = io.BytesIO()
        self._container = av.open(header, "w", format="mp4", options=_CONTAINER)
        stream = self._container.add_stream(rung.codec, rate=SAMPLE_RATE, options=rung.options())
        assert isinstance(stream, AudioStream)
        context = stream.codec_context
        context.layout = "stereo" if rung.channels == 2 else "mono"
        context.bit_rate = rung.encoder_bit_rate
        context.format = "flt" if rung.codec == "libopus" else "fltp"
        self._container.start_encoding()
        self._stream = stream
        self.init = header.getvalue()
        self.codec = "opus" if rung.codec == "libopus" else "mp4a.40.2"
        # Packets come out ``ahead`` samples before what went in; feeding starts so that they fall on the grid. The
        # AAC encoder's first packet then lies before the run and is dropped.
        self._kept_from = rung.first_packet(start_tick)
        self._next = self._kept_from + rung.ahead % rung.frame
        self._skip = self._next - start_tick * SAMPLES_PER_TICK
        self._waiting = np.zeros((0, rung.channels), np.float32)

    def encode(self, sound: Sound) -> list[Sample]:
        """One tick of sound in, the samples that are complete out."""
        if self._rung.channels == 1:
            sound = sound.mean(axis=1, keepdims=True)
        if self._skip:
            sound, self._skip = sound[self._skip :], max(0, self._skip - len(sound))
        self._waiting = np.concatenate([self._waiting, sound])
        return list(self._complete())

    def _complete(self) -> Iterator[Sample]:
        size = self._rung.frame
        while len(self._waiting) >= size:
            block, self._waiting = self._waiting[:size], self._waiting[size:]
            packed = self._rung.codec == "libopus"
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(block.reshape(1, -1) if packed else block.T),
                format="flt" if packed else "fltp",
                layout="stereo" if self._rung.channels == 2 else "mono",
            )
            frame.sample_rate = SAMPLE_RATE
            frame.pts, frame.time_base = self._next, Fraction(1, SAMPLE_RATE)
            self._next += size
            for packet in self._stream.encode(frame):
                if _time(packet) >= self._kept_from:
                    yield Sample(_time(packet), bytes(packet))

    def close(self) -> None:
        """Give the encoder's memory back."""
        self._container.close()


@dataclass(frozen=True)
class Prepared:
    """What is known of a rung before it is on air: its init segment and codec name, and its slate.

    ``slate`` is one segment of the holding picture with a key frame at each part, or one packet of silence.
    """

    init: bytes
    codec: str
    slate: tuple[Sample, ...]


def prepare(rung: Rung, slate: av.VideoFrame) -> Prepared:
    """Encode the slate with the very encoder the program gets, so that the two can follow one another."""
    if isinstance(rung, VideoRung):
        video = VideoEncoder(rung)
        samples = [
            sample
            for tick in range(TICKS_PER_SEGMENT)
            for sample in video.encode(slate, tick, key_every=TICKS_PER_PART)
        ]
        video.close()
        assert len(samples) == TICKS_PER_SEGMENT // rung.every, "the encoder held a frame back"
        return Prepared(video.init, video.codec, tuple(samples))
    audio = AudioEncoder(rung, 0)
    silence = np.zeros((SAMPLES_PER_TICK, 2), np.float32)
    packets = [sample for _ in range(10) for sample in audio.encode(silence)]
    audio.close()
    return Prepared(audio.init, audio.codec, (packets[-1],))


def _copy(picture: av.VideoFrame) -> av.VideoFrame:
    copy = av.VideoFrame(picture.width, picture.height, picture.format.name)
    for source, target in zip(picture.planes, copy.planes, strict=True):
        target.update(bytes(source))
    return copy


def _time(packet: av.Packet[Any]) -> int:
    assert packet.pts is not None
    return packet.pts
