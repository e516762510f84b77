"""Looks into one media file, in a child process of its own: ``python -m allpoints.contribute.inspection FILE``.

It answers one JSON object: the ``MediaFacts``, or ``{"refusal": code, "width": …, "height": …}``. It runs with limits
on memory and processor time, and opens nothing but that file.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterable

import av
import msgspec

from allpoints.contribute.facts import (
    CONTAINERS,
    MOST_PIXELS,
    MediaFacts,
    PictureFacts,
    SoundFacts,
    Transfer,
)
from allpoints.contribute.refusals import (
    MediaBroken,
    MediaMissing,
    MediaRefused,
    NothingToPlay,
    NotMedia,
    PictureTooLarge,
)

MEMORY_LIMIT = 3 << 30
CPU_LIMIT = 20
_LOOKED_AT = 12
_MOST_PACKETS = 600
_TRANSFERS: dict[int, Transfer] = {16: "pq", 18: "hlg"}
"""Transfer characteristics of ITU-T H.273."""


def inspect(path: str) -> MediaFacts:
    """The facts of the file at ``path``, without ``speed``. Raises a MediaRefused."""
    options = {
        "protocol_whitelist": "file", "format_whitelist": ",".join(CONTAINERS), "max_pixels": str(MOST_PIXELS),
        "analyzeduration": "5000000",
    }
    try:
        container = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise MediaMissing(name=path) from error
    except (av.FFmpegError, ValueError) as error:
        raise (MediaBroken if _begins_like_media(path) else NotMedia)(name=path) from error
    with container:
        picture = _best_picture(container)
        sound = container.streams.best("audio")
        if picture is None and sound is None:
            raise NothingToPlay(name=path)
        picture_facts = _picture_facts(container, picture, path) if picture is not None else None
        if picture_facts is not None:
            container.seek(0)
        sound_facts = _sound_facts(container, sound) if isinstance(sound, av.AudioStream) else None
        if picture_facts is None and sound_facts is None:
            raise MediaBroken(name=path)
        duration = None if container.duration is None else max(0, container.duration // 1000)
        return MediaFacts(container.format.name.split(",")[0], picture_facts, sound_facts, duration)


def _best_picture(container: av.container.InputContainer) -> av.VideoStream | None:
    """The largest picture track; the cover picture of a sound file is none."""
    tracks = [
        stream for stream in container.streams.video
        if av.stream.Disposition.attached_pic not in stream.disposition and stream.codec_context is not None
    ]
    return max(tracks, key=lambda stream: stream.width * stream.height, default=None)


def _first_frames(
    container: av.container.InputContainer, stream: av.VideoStream | av.AudioStream, wanted: int
) -> Iterable[av.VideoFrame | av.AudioFrame]:
    """Up to ``wanted`` frames from the beginning; damaged packets are passed over."""
    with contextlib.suppress(av.FFmpegError):
        for count, packet in enumerate(container.demux(stream)):
            with contextlib.suppress(av.FFmpegError):
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame | av.AudioFrame):
                        yield frame
                        wanted -= 1
            if wanted <= 0 or count > _MOST_PACKETS:
                return


def _picture_facts(
    container: av.container.InputContainer, stream: av.VideoStream, path: str
) -> PictureFacts | None:
    context = stream.codec_context
    if stream.width * stream.height > MOST_PIXELS:
        raise PictureTooLarge(name=path, width=stream.width, height=stream.height)
    context.options = {"max_pixels": str(MOST_PIXELS)}
    heavy = stream.width * stream.height > 1920 * 1088
    frames = [
        frame for frame in _first_frames(container, stream, 2 if heavy else _LOOKED_AT)
        if isinstance(frame, av.VideoFrame)
    ]
    if not frames:
        return None
    first = frames[0]
    rotation = round(first.rotation) % 360
    pixel = stream.sample_aspect_ratio or context.sample_aspect_ratio or 1
    aspect = first.width * float(pixel) / first.height
    return PictureFacts(
        stream=stream.index,
        codec=context.name,
        width=first.width,
        height=first.height,
        aspect=1 / aspect if rotation in (90, 270) else aspect,
        rotation=rotation,
        interlaced=any(frame.interlaced_frame for frame in frames),
        transfer=_TRANSFERS.get(int(first.color_trc), "sdr"),
        rate=float(stream.average_rate or stream.guessed_rate or 25),
        starts_ms=_start_ms(container, first),
    )


def _start_ms(container: av.container.InputContainer, first: av.VideoFrame | av.AudioFrame) -> float:
    if first.time is None or container.start_time is None:
        return 0.0
    return max(0.0, first.time * 1000 - container.start_time / 1000)


def _sound_facts(container: av.container.InputContainer, stream: av.AudioStream) -> SoundFacts | None:
    for frame in _first_frames(container, stream, 1):
        assert isinstance(frame, av.AudioFrame)
        codec, channels, start = stream.codec_context.name, frame.layout.nb_channels, _start_ms(container, frame)
        return SoundFacts(stream.index, codec, frame.sample_rate, channels, start)
    return None


def _begins_like_media(path: str) -> bool:
    """Whether a file that could not be opened was meant to be media: cut off, say, before its index."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a name as it was given
            head = file.read(12)
    except OSError:
        return False
    boxes, starts = (b"ftyp", b"moov", b"mdat", b"wide", b"free"), (b"\x1aE\xdf\xa3", b"RIFF", b"OggS")
    return head[4:8] in boxes or head[:4] in starts


def main() -> None:
    """Inspect the file named on the command line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_level(None)
    try:
        answer: object = inspect(sys.argv[1])
    except MediaRefused as refusal:
        answer = {"refusal": refusal.code, **refusal.values}
    except MemoryError:
        answer = {"refusal": MediaBroken.code}
    sys.stdout.buffer.write(msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
