"""The one shape of all sources, and the FFmpeg command lines that bring anything into it.

What leaves a child on its standard output is NUT with raw yuv420p pictures, 1280×720, 25 a second, BT.709 in limited
range, square pixels, progressive; and 48 kHz stereo float samples. A track that is missing is left out: the feed puts
a still picture or silence in its place, which costs nothing.
"""

from __future__ import annotations

from pathlib import Path

from allpoints.contribute.facts import MOST_PIXELS, MediaFacts, PictureFacts, SoundFacts, Transfer
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_SECOND

BACKDROP = "0x10151c"
"""Beside a picture that does not fill the frame."""

SMALL_WIDTH, SMALL_HEIGHT = 480, 270
IDLE_SOUND_RATE = 8_000
TICK_MS = 1000 // TICKS_PER_SECOND
LATE_SOUND_MS = 500

_QUIET = ["-hide_banner", "-nostdin", "-loglevel", "error"]
_RAW = ["-f", "nut", "-write_index", "0", "-flush_packets", "1", "-max_interleave_delta", "200000", "pipe:1"]
_RATE = f"fps={TICKS_PER_SECOND}"
_TRANSFERS: dict[Transfer, str] = {"pq": "smpte2084", "hlg": "arib-std-b67"}


def file_arguments(path: Path, facts: MediaFacts, *, from_ms: int = 0) -> list[str]:
    """Play the file at ``path`` from ``from_ms``."""
    seek = ["-ss", f"{from_ms / 1000:.3f}"] if from_ms else []
    opening = [*seek, *_onto_ticks(facts), *_file_input(path, facts.container)]
    arguments = [*_QUIET, *opening, *(opening if _sound_is_late(facts) else [])]
    if facts.picture is not None:
        arguments += ["-map", f"0:{facts.picture.stream}", *_graph(picture_filters(facts.picture))]
        arguments += [*_constant_rate(), "-c:v", "rawvideo"]
    if facts.sound is not None:
        arguments += _sound(facts, facts.sound)
        arguments += ["-c:a", "pcm_f32le"]
    return [*arguments, *_RAW]


def live_arguments() -> list[str]:
    """Play the FLV that comes in on standard input, as it comes."""
    return [
        *_live_input(),
        "-map", "0:v:0?", "-vf", _chain(_RATE, *_fit(WIDTH, HEIGHT, "bt709"), "format=yuv420p"),
        *_constant_rate(), "-c:v", "rawvideo",
        "-map", "0:a:0?", "-af", sound_filter(starts_at_zero=False), "-c:a", "pcm_f32le",
        *_RAW,
    ]


def idle_live_arguments() -> list[str]:
    """Watch the FLV on standard input as cheaply as can be: small JPEGs of its key pictures, and sound for meters."""
    return [
        *_live_input("-skip_frame", "nokey"),
        "-map", "0:v:0?", "-vf", _chain(*_fit(SMALL_WIDTH, SMALL_HEIGHT, "bt709"), "format=yuv420p"),
        "-fps_mode", "passthrough", "-c:v", "mjpeg", "-strict", "unofficial", "-q:v", "5",
        "-map", "0:a:0?", "-ar", str(IDLE_SOUND_RATE), "-ac", "2", "-c:a", "pcm_f32le",
        *_RAW,
    ]


def thumbnail_arguments(path: Path, facts: MediaFacts) -> list[str]:
    """One small JPEG on standard output, from a little after the file's start. Only for files with a picture."""
    assert facts.picture is not None
    at = min(3.0, (facts.duration_ms or 0) / 5000)
    return [
        *_QUIET, "-ss", f"{at:.3f}", *_file_input(path, facts.container),
        "-map", f"0:{facts.picture.stream}", "-frames:v", "1",
        *_graph(picture_filters(facts.picture, SMALL_WIDTH, SMALL_HEIGHT)),
        "-c:v", "mjpeg", "-strict", "unofficial", "-q:v", "5", "-f", "mjpeg", "pipe:1",
    ]


def still_arguments(path: Path, demuxer: str) -> list[str]:
    """One raw picture of the still at ``path``; what is transparent shows the backdrop."""
    ground = f"[under]drawbox=t=fill:c={BACKDROP}:replace=1[ground]"
    opaque = f"format=rgba,split[over][under];{ground};[ground][over]overlay=format=gbrp"
    return [
        *_QUIET, *_file_input(path, demuxer), "-frames:v", "1",
        "-vf", _chain(opaque, *_fit(WIDTH, HEIGHT, "auto"), "format=yuv420p"),
        "-c:v", "rawvideo", *_RAW,
    ]


def speed_arguments(path: Path, facts: MediaFacts, seconds: float) -> list[str]:
    """Conform ``seconds`` of the file and throw them away: how long that takes is its decoding speed."""
    playing = file_arguments(path, facts)
    return [*playing[: -len(_RAW)], "-t", f"{seconds:g}", "-f", "null", "-"]


def convert_arguments(path: Path, facts: MediaFacts, target: Path) -> list[str]:
    """Make a file that every machine plays with ease: H.264 720p25 and AAC in MP4; progress on standard output."""
    arguments = [*_QUIET, "-y", "-progress", "pipe:1", "-stats_period", "0.25"]
    opening = [*_onto_ticks(facts), *_file_input(path, facts.container)]
    arguments += [*opening, *(opening if _sound_is_late(facts) else [])]
    if facts.picture is not None:
        arguments += ["-map", f"0:{facts.picture.stream}", *_graph(picture_filters(facts.picture)), *_constant_rate()]
        arguments += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "50", "-bf", "0"]
        arguments += ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    if facts.sound is not None:
        arguments += _sound(facts, facts.sound)
        arguments += ["-c:a", "aac", "-b:a", "192k"]
    return [*arguments, "-map_metadata", "-1", "-movflags", "+faststart", "-f", "mp4", f"file:{target}"]


def picture_filters(picture: PictureFacts, width: int = WIDTH, height: int = HEIGHT) -> str:
    """The filter chain that brings a file's picture to ``width``×``height``, even when its size changes."""
    steps = ["bwdif=mode=send_frame:deint=interlaced", _RATE] if picture.interlaced else [_RATE]
    if picture.transfer == "sdr":
        fitted = _fit(width, height, "auto" if picture.height < 720 else "bt709")
        if picture.aspect < 1:
            return _chain(*steps, *_over_own_blur(width, height, fitted), "format=yuv420p")
        return _chain(*steps, *fitted, "format=yuv420p")
    # Made small first: tone mapping in floating point costs a hundred times more than scaling.
    steps += [_scale(width, height, "auto"), "setsar=1", *_to_sdr(picture.transfer)]
    return _chain(*steps, _pad(width, height), "format=yuv420p")


def sound_filter(*, starts_at_zero: bool) -> str:
    """To 48 kHz stereo float, following the time stamps: small drifts are stretched, gaps of 30 ms filled or cut.

    A file's sound is padded to begin with its picture; live sound keeps its time, since the stream began before us.
    """
    start = ":first_pts=0" if starts_at_zero else ""
    return (
        f"aresample={SAMPLE_RATE}:async=480:min_comp=0.005:max_soft_comp=0.01:min_hard_comp=0.03{start}"
        ":out_sample_fmt=flt:out_chlayout=stereo"
    )


def _file_input(path: Path, demuxer: str) -> list[str]:
    """Naming the demuxer and one protocol leaves a hostile file no way to open anything else."""
    return [
        "-protocol_whitelist", "file,pipe", "-format_whitelist", demuxer, "-max_pixels", str(MOST_PIXELS),
        "-f", demuxer, "-i", f"file:{path}",
    ]


def _sound_is_late(facts: MediaFacts) -> bool:
    return facts.picture is not None and facts.sound is not None and facts.sound.starts_ms > LATE_SOUND_MS


def _sound(facts: MediaFacts, sound: SoundFacts) -> list[str]:
    # FFmpeg hoards raw pictures, a gigabyte for half a minute, until the first sample comes. So sound that begins
    # late is read through a second opening of the file, which runs ahead to it.
    opening = 1 if _sound_is_late(facts) else 0
    return ["-map", f"{opening}:{sound.stream}", "-af", sound_filter(starts_at_zero=True)]


def _onto_ticks(facts: MediaFacts) -> list[str]:
    """Delays the whole file by less than a tick, so that its pictures fall on ticks and need no rounding."""
    if facts.picture is None:
        return []
    delay = -facts.picture.starts_ms % TICK_MS
    return ["-itsoffset", f"{delay / 1000:.6f}"] if 0.5 < delay < TICK_MS - 0.5 else []


def _live_input(*decoding: str) -> list[str]:
    # Frame threads would each hold back one picture; slices do not.
    return [
        *_QUIET, "-protocol_whitelist", "pipe", "-format_whitelist", "flv", "-max_pixels", str(MOST_PIXELS),
        "-probesize", "1000000", "-analyzeduration", "1000000", "-fpsprobesize", "0", "-thread_type", "slice",
        *decoding, "-copyts", "-f", "flv", "-i", "pipe:0",
    ]


def _constant_rate() -> list[str]:
    # The fps filter rounds to the nearest tick, this fills what it leaves open: before the first picture, and where
    # a change of resolution began the filters anew. Alone it would let pictures slip by more than a tick.
    return ["-r", str(TICKS_PER_SECOND), "-fps_mode", "cfr"]


def _graph(filters: str) -> list[str]:
    return ["-vf", filters]


def _chain(*filters: str) -> str:
    return ",".join(filters)


def _scale(width: int, height: int, matrix: str) -> str:
    return (
        f"scale=w='max(2,2*round(min({width},{height}*dar)/2))':h='max(2,2*round(min({height},{width}/dar)/2))'"
        f":in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
    )


def _pad(width: int, height: int) -> str:
    return f"pad={width}:{height}:-1:-1:color={BACKDROP}"


def _fit(width: int, height: int, matrix: str) -> list[str]:
    return [_scale(width, height, matrix), "setsar=1", _pad(width, height)]


def _over_own_blur(width: int, height: int, fitted: list[str]) -> list[str]:
    """An upright picture stands before a dark blur of itself; blurred at a twentieth of the size, it costs little."""
    return [
        f"split[own][blur];[blur]scale={width // 20}:{height // 20}:force_original_aspect_ratio=increase:"
        f"out_color_matrix=bt709:out_range=tv,crop={width // 20}:{height // 20},setsar=1,gblur=3,"
        f"lutyuv=y='16+(val-16)*0.45',scale={width}:{height}[ground];"
        f"[own]{_chain(*fitted[:2])}[front];[ground][front]overlay=(W-w)/2:0"
    ]


def _to_sdr(transfer: Transfer) -> list[str]:
    """HDR to BT.709: linear light, the wide primaries brought in, highlights rolled off."""
    return [
        f"zscale=tin={_TRANSFERS[transfer]}:min=2020_ncl:pin=2020:rin=limited:t=linear:npl=100",
        "format=gbrpf32le", "zscale=p=709", "tonemap=hable:desat=0", "zscale=t=709:m=709:r=limited", "format=yuv420p",
    ]
