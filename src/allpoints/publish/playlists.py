"""The text of playlists (RFC 8216bis), as pure functions over what is released."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_PART, TICKS_PER_SECOND, TICKS_PER_SEGMENT, Timeline
from allpoints.publish.ladder import (
    PARTS_PER_SEGMENT,
    AudioRung,
    Ladder,
    Rung,
    Slot,
    UnitName,
    VideoRung,
    seconds_of,
    start_and_length,
)

PART_TARGET = 0.41
"""Seconds. A part of AAC holds 18 or 19 frames, up to 0.4054 s."""
LISTED_PART_SEGMENTS = 3


@dataclass(frozen=True)
class Run:
    """An unbroken run of ticks: the segment it begins with, the init file of each rendition by rung name, and the
    generation of the stage that makes it.

    ``began`` is the monotonic second, of the machine that made it, at which its first tick was program; None where
    nobody noted it.
    """

    segment: int
    inits: Mapping[str, str]
    generation: int
    began: float | None = None


@dataclass(frozen=True)
class Shelved:
    """What of one rendition is released: ``segments`` and ``parts`` that lie in the public folder."""

    segments: Collection[int]
    parts: Collection[Slot] = frozenset()

    @property
    def last(self) -> int:
        return max(self.segments, default=-1)


def window_start(last: int, first_ever: int, retention_segments: int) -> int:
    """The first segment listed when ``last`` is the newest."""
    return max(first_ever, last - retention_segments + 1)


def discontinuity_sequence(runs: Sequence[Run], first_listed: int) -> int:
    """How many discontinuities came before the first listed segment. The first run ever begins with none."""
    return sum(1 for run in runs[1:] if run.segment < first_listed)


def media_playlist(
    rung: Rung,
    shelved: Shelved,
    runs: Sequence[Run],
    timeline: Timeline,
    *,
    retention_segments: int,
    low_latency: bool = False,
    others: Sequence[str] = (),
    not_before: int = 0,
) -> str:
    """One rendition's playlist, from segment ``not_before`` on.

    A segment that was never made or is not released although later ones are is a GAP line, so that numbers stay
    tied to the clock. A run that does not begin the stream begins with a DISCONTINUITY. With ``low_latency``, the
    newest segments are also listed in parts; ``others`` are the names of renditions to report on.
    """
    last = shelved.last
    # Of the segments in progress only the newest can still become whole.
    newest = max([last, *(part.segment for part in shelved.parts)]) if low_latency else last
    first = max(window_start(max(last, newest - 1), runs[0].segment, retention_segments), not_before)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{9 if low_latency else 7}",
        f"#EXT-X-TARGETDURATION:{TICKS_PER_SEGMENT // TICKS_PER_SECOND}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{discontinuity_sequence(runs, first)}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if low_latency:
        lines += [
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={3 * PART_TARGET:.2f}",
            f"#EXT-X-PART-INF:PART-TARGET={PART_TARGET}",
        ]
    starts = {run.segment for run in runs[1:]}
    mapped, broken = "", True
    for segment in range(first, newest + 1):
        slot, whole, in_progress = Slot(segment), segment in shelved.segments, segment > max(last, newest - 1)
        if segment in starts:
            lines.append("#EXT-X-DISCONTINUITY")
            broken = True
        run = run_of(runs, segment)
        init = run.inits.get(rung.name, mapped)
        if init != mapped:
            lines.append(f'#EXT-X-MAP:URI="{init}"')
            mapped = init
        present = whole or in_progress
        if broken and present:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{program_date_time(rung, slot, timeline)}")
        broken = not present
        if low_latency and present and segment > last - LISTED_PART_SEGMENTS:
            lines += _part_lines(rung, segment, run.generation, shelved.parts)
        if not present:
            lines.append("#EXT-X-GAP")
        if not in_progress:
            lines += [f"#EXTINF:{seconds_of(rung, start_and_length(rung, slot)[1]):.5f},",
                      UnitName(slot, run.generation).file_name]
    if low_latency and newest >= 0:
        part = max((slot for slot in shelved.parts if slot.segment == newest > last), default=None)
        latest = part or Slot(newest, PARTS_PER_SEGMENT - 1)
        hint = _after(latest)
        name = UnitName(hint, run_of(runs, hint.segment).generation).file_name
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{name}"')
        lines += [_report_line(name, latest) for name in others]
    return "\n".join(lines) + "\n"


def run_of(runs: Sequence[Run], segment: int) -> Run:
    """The run that a segment belongs to (for a hole: the one before it)."""
    return next((run for run in reversed(runs) if run.segment <= segment), runs[0])


def is_of_its_run(name: UnitName, runs: Sequence[Run]) -> bool:
    """Whether a unit belongs to the program as it is told now: of the generation whose run its segment lies in.

    What a stage made after another had taken over from it is not: it stays where it is, and nothing lists it.
    """
    return bool(runs) and run_of(runs, name.slot.segment).generation == name.generation


def _part_lines(rung: Rung, segment: int, generation: int, released: Collection[Slot]) -> list[str]:
    """The parts of a segment, up to the newest released one. One that is missing before it never comes."""
    parts = [Slot(segment, part) for part in range(PARTS_PER_SEGMENT)]
    while parts and parts[-1] not in released:
        parts.pop()
    return [_part_line(rung, UnitName(part, generation), gap=part not in released) for part in parts]


def _part_line(rung: Rung, name: UnitName, *, gap: bool) -> str:
    slot = name.slot
    length = seconds_of(rung, start_and_length(rung, slot)[1])
    independent = ",INDEPENDENT=YES" if slot.part == 0 or isinstance(rung, AudioRung) else ""
    return f'#EXT-X-PART:DURATION={length:.5f},URI="{name.file_name}"{",GAP=YES" if gap else independent}'


def _after(slot: Slot) -> Slot:
    part = slot.end_tick // TICKS_PER_PART
    return Slot(part // PARTS_PER_SEGMENT, part % PARTS_PER_SEGMENT)


def _report_line(name: str, latest: Slot) -> str:
    return f'#EXT-X-RENDITION-REPORT:URI="../{name}/ll.m3u8",LAST-MSN={latest.segment},LAST-PART={latest.part}'


def program_date_time(rung: Rung, slot: Slot, timeline: Timeline) -> str:
    """When the first sample of a unit is on program, as playlists say it."""
    start, _ = start_and_length(rung, slot)
    rate = TICKS_PER_SECOND if isinstance(rung, VideoRung) else SAMPLE_RATE
    ticks, rest = divmod(start * TICKS_PER_SECOND, rate)
    instant = timeline.instant_of(ticks) + (timeline.instant_of(1) - timeline.epoch) * rest / rate
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def master_playlist(
    ladder: Ladder, codecs: Mapping[str, str], language: str, *, low_latency: bool = False, file: str = "index.m3u8"
) -> str:
    """The multivariant playlist over each rendition's ``file``. BANDWIDTH is the encoder's cap with everything around
    it: a bound, not a guess."""
    file = "ll.m3u8" if low_latency else file
    audio = [rung for rung in ladder.audio if rung.has_parts or not low_latency]
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{9 if low_latency else 7}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    paired = {_sound(rung, audio).name for rung in ladder.video}
    for sound in audio:
        if sound.name in paired or not ladder.video:
            lines.append(
                f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{sound.name}",NAME="Original",LANGUAGE="{language}",'
                f'DEFAULT=YES,AUTOSELECT=YES,CHANNELS="{sound.channels}",URI="{sound.name}/{file}"'
            )
    for rung in ladder.video:
        sound = _sound(rung, audio)
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={_bandwidth(rung) + _bandwidth(sound)},"
            f"AVERAGE-BANDWIDTH={rung.bit_rate + sound.bit_rate},"
            f'CODECS="{codecs[rung.name]},{codecs[sound.name]}",RESOLUTION={rung.width}x{rung.height},'
            f'FRAME-RATE={TICKS_PER_SECOND / rung.every:.3f},AUDIO="{sound.name}"',
            f"{rung.name}/{file}",
        ]
    for sound in audio:
        group = f',AUDIO="{sound.name}"' if sound.name in paired or not ladder.video else ""
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={_bandwidth(sound)},AVERAGE-BANDWIDTH={sound.bit_rate},"
            f'CODECS="{codecs[sound.name]}"{group}',
            f"{sound.name}/{file}",
        ]
    return "\n".join(lines) + "\n"


def _sound(rung: VideoRung, audio: Sequence[AudioRung]) -> AudioRung:
    return next((sound for sound in audio if sound.name == rung.sound), audio[0])


def _bandwidth(rung: Rung) -> int:
    return rung.peak_bit_rate if isinstance(rung, VideoRung) else rung.bit_rate * 5 // 4
