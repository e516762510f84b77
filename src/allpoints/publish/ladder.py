"""The renditions that are made: sizes, rates and encoder options, as data that a benchmark can hand to a peer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_PART, TICKS_PER_SECOND, TICKS_PER_SEGMENT


@dataclass(frozen=True)
class VideoRung:
    """One video rendition. ``bit_rate`` is its average in bit/s; ``every`` is in ticks: 2 means 12.5 fps.

    ``sound`` names the audio rung that plays with it. ``is_clean``: without graphics, and for no viewer.
    ``has_long``: also published in long segments.
    """

    name: str
    width: int
    height: int
    every: int
    bit_rate: int
    preset: str
    sound: str
    has_parts: bool = True
    is_clean: bool = False
    has_long: bool = False

    @property
    def peak_bit_rate(self) -> int:
        """The most a 2 s segment may take, in bit/s: the rate cap, and half a second of it saved up."""
        return self._cap + self._cap // 4

    @property
    def _cap(self) -> int:
        return self.bit_rate * 6 // 5

    def options(self) -> dict[str, str]:
        """libx264's options in FFmpeg's names. No lookahead and no B-frames: a frame leaves as it comes.

        ``force-cfr`` takes away the frame that x264 otherwise holds back to learn its duration; ``level`` and
        ``keyint`` are fixed so that equal settings give equal headers on every start.
        """
        return {
            "preset": self.preset,
            "profile": "high",
            "threads": "1",
            "b": str(self.bit_rate),
            "maxrate": str(self._cap),
            "bufsize": str(self._cap // 2),
            "forced-idr": "1",
            "x264-params": "bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:scenecut=0:force-cfr=1"
            ":keyint=infinite",
        }


@dataclass(frozen=True)
class AudioRung:
    """One audio rendition. ``bit_rate`` is nominal and on the wire, boxes included. ``encoder_bit_rate`` is what the
    encoder is told so that speech and music come out at that: FFmpeg's AAC takes more than it is told for mono.

    ``frame`` is a codec frame in samples; packets lie on its multiples since the epoch. ``ahead`` is how many samples
    the encoder's first packet comes before its first input (ISO 14496-12 calls them priming).
    """

    name: str
    codec: str
    channels: int
    bit_rate: int
    encoder_bit_rate: int
    frame: int
    ahead: int
    has_parts: bool = False
    has_long: bool = False

    def options(self) -> dict[str, str]:
        """The codec's options in FFmpeg's names."""
        if self.codec == "libopus":
            return {"vbr": "off", "frame_duration": "20", "application": "audio"}
        return {}

    def first_packet(self, tick: int) -> int:
        """The first packet time, in samples, at or after a tick."""
        return -(-tick * (SAMPLE_RATE // TICKS_PER_SECOND) // self.frame) * self.frame


Rung = VideoRung | AudioRung

CLEAN = "clean"
"""The name of the rendition without graphics."""

STEREO = AudioRung("a64", "aac", 2, 64_000, 60_000, 1024, 1024, has_parts=True)
MONO = AudioRung("a32", "aac", 1, 32_000, 27_200, 1024, 1024, has_long=True)
OPUS = AudioRung("opus16", "libopus", 1, 16_000, 15_200, 960, 312, has_long=True)
"""Opus runs at a constant rate in 20 ms packets: exactly 100 a segment, all of one size, with no table of sizes."""


@dataclass(frozen=True)
class Ladder:
    """All renditions of a gathering, largest first."""

    name: str
    video: tuple[VideoRung, ...]
    audio: tuple[AudioRung, ...]
    unserved: tuple[VideoRung, ...] = ()

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """Video, then audio: what the audience gets."""
        return (*self.video, *self.audio)

    @property
    def made(self) -> tuple[Rung, ...]:
        """All that is encoded, held, dumped and released."""
        return (*self.rungs, *self.unserved)

    def with_clean(self) -> Ladder:
        """The same, and the largest picture once more without graphics; unchanged where there is no picture."""
        clean = (replace(top, name=CLEAN, has_parts=False, is_clean=True, has_long=False) for top in self.video[:1])
        return replace(self, unserved=tuple(clean))

    def recorded(self, what: str) -> tuple[str, ...]:
        """The renditions that a recording is made of: the largest picture with its sound, or the fullest sound.

        ``what`` is ``program`` or ``clean``.
        """
        if not self.video:
            return (self.audio[0].name,)
        return (CLEAN if what == CLEAN else self.video[0].name, self.video[0].sound)


LADDERS: Mapping[str, Ladder] = {
    "large": Ladder(
        "large",
        (
            VideoRung("v720", 1280, 720, 1, 1_800_000, "veryfast", "a64"),
            VideoRung("v480", 854, 480, 1, 800_000, "veryfast", "a64"),
            VideoRung("v240", 426, 240, 1, 260_000, "veryfast", "a32"),
            VideoRung("v144", 256, 144, 2, 90_000, "veryfast", "a32", has_long=True),
        ),
        (STEREO, MONO, OPUS),
    ),
    "small": Ladder(
        "small",
        (
            VideoRung("v480", 854, 480, 1, 800_000, "superfast", "a64"),
            VideoRung("v240", 426, 240, 1, 260_000, "superfast", "a32"),
            VideoRung("v144", 256, 144, 2, 90_000, "superfast", "a32", has_long=True),
        ),
        (STEREO, MONO, OPUS),
    ),
    "audio": Ladder("audio", (), (STEREO, MONO, OPUS)),
}


@dataclass(frozen=True, order=True)
class Slot:
    """The place of one unit on the timeline: a whole segment (``part`` None) or one 0.4 s part of it."""

    segment: int
    part: int | None = None

    @property
    def first_tick(self) -> int:
        return self.segment * TICKS_PER_SEGMENT + (self.part or 0) * TICKS_PER_PART

    @property
    def end_tick(self) -> int:
        return self.first_tick + (TICKS_PER_SEGMENT if self.part is None else TICKS_PER_PART)


PARTS_PER_SEGMENT = TICKS_PER_SEGMENT // TICKS_PER_PART
_UNIT_NAME = re.compile(r"g(\d{1,9})-(\d{1,15})(?:\.(\d))?\.m4s", re.ASCII)


FIRST_GENERATION = 1
"""Of the stage that is first on air."""


@dataclass(frozen=True, order=True)
class UnitName:
    """What a unit is published as. ``generation`` is that of the stage that made it: two stages that both believe to
    be on air make other names for the same slot, and no name ever has two contents."""

    slot: Slot
    generation: int

    @property
    def file_name(self) -> str:
        """``g3-12345.m4s`` for a segment, ``g3-12345.2.m4s`` for a part."""
        part = "" if self.slot.part is None else f".{self.slot.part}"
        return f"g{self.generation}-{self.slot.segment}{part}.m4s"

    @classmethod
    def read(cls, name: str) -> UnitName | None:
        """What a file name stands for; None for any other file."""
        if not (match := _UNIT_NAME.fullmatch(name)):
            return None
        generation, segment, part = match.groups()
        return cls(Slot(int(segment), None if part is None else int(part)), int(generation))


def start_and_length(rung: Rung, slot: Slot) -> tuple[int, int]:
    """When a unit starts and how long it lasts, in the rung's time base (ticks for video, samples for audio)."""
    if isinstance(rung, VideoRung):
        return slot.first_tick, slot.end_tick - slot.first_tick
    start = rung.first_packet(slot.first_tick)
    return start, rung.first_packet(slot.end_tick) - start


def seconds_of(rung: Rung, units: int) -> float:
    """A length in the rung's time base as seconds."""
    return units / (TICKS_PER_SECOND if isinstance(rung, VideoRung) else SAMPLE_RATE)
