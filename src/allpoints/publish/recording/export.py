"""Joins the files of a recording into one, without encoding anything anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from allpoints.kernel.errors import AllpointsError
from allpoints.publish.recording.listing import SEAM, Recording, Take

FORMATS = {".mp4": "mp4", ".mkv": "matroska"}
SPARE = 20_000_000


class NothingRecorded(AllpointsError):
    """No file of the track lies between the moments asked for."""

    code = "nothing_recorded"
    status = 404
    for_people = "Nothing of “{what}” is recorded there. See what is with “allpoints record list”."


class ExportExists(AllpointsError):
    """The output file is there already."""

    code = "export_exists"
    status = 409
    for_people = "{path} is there already and is left as it is. Name another file."


class ExportFormat(AllpointsError):
    """The output file's name ends with no known format."""

    code = "export_format"
    for_people = "{path} must end with .mp4 or .mkv. Name it so and start again."


class ExportTooLarge(AllpointsError):
    """The output does not fit the disk."""

    code = "export_too_large"
    status = 507
    for_people = "This takes {needed} MB, and {free} MB are free in {folder}. Make room or name another folder."


class ExportFailed(AllpointsError):
    """A file of the recording cannot be read, or the output cannot be written."""

    code = "export_failed"
    status = 500
    for_people = "The export failed at {at} ({reason}). Nothing was left behind; put this right and start again."


class RecordingChanges(AllpointsError):
    """Within the span asked for, the size or kind of picture or sound changes, which one file cannot hold."""

    code = "recording_changes"
    status = 409
    for_people = (
        "At {at} the kind of picture or sound changes, and one file cannot hold both. "
        "Export twice: once --to {at}, once --from {at}."
    )


@dataclass(frozen=True)
class Exported:
    """What was joined. ``began_at`` is the true moment of the file's beginning; ``holes`` are from and until."""

    began_at: datetime
    length: timedelta
    size: int
    holes: list[tuple[datetime, datetime]]


def export(
    recording: Recording,
    output: Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    close_gaps: bool = False,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Exported:
    """Join what of ``recording`` lies between two moments; it begins with the key picture at or before ``since``.

    A hole stays a hole in time unless ``close_gaps``. ``on_progress`` hears shares from 0 to 1.
    Raises NothingRecorded, ExportExists, ExportFormat, ExportTooLarge, RecordingChanges and ExportFailed.
    """
    if output.suffix.lower() not in FORMATS:
        raise ExportFormat(path=str(output))
    part = recording.between(since, until)
    if not part.takes:
        raise NothingRecorded(what=recording.what)
    if output.exists():
        raise ExportExists(path=str(output))
    folder = output.resolve().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as trouble:
        raise ExportFailed(at=str(output), reason=trouble.strerror or str(trouble)) from None
    if free < part.size + SPARE:
        raise ExportTooLarge(needed=part.size // 1_000_000 + 1, free=free // 1_000_000, folder=str(folder))
    draft = output.with_name(f".{output.name}.draft")
    try:
        joined = _Joined(since, until, close_gaps=close_gaps)
        with av.open(str(draft), "w", format=FORMATS[output.suffix.lower()]) as container:
            done = 0
            for take in part.takes:
                try:
                    joined.add(take, container)
                except (OSError, av.FFmpegError, ValueError) as trouble:
                    raise ExportFailed(at=take.path.name, reason=str(trouble)) from trouble
                done += take.size
                on_progress(done / part.size)
        if joined.began_at is None:
            raise NothingRecorded(what=recording.what)
        draft.rename(output)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(joined.began_at, timedelta(seconds=joined.end), output.stat().st_size, joined.holes)


class _Joined:
    """The output's timeline: seconds since ``began_at``, with or without holes."""

    def __init__(self, since: datetime | None, until: datetime | None, *, close_gaps: bool) -> None:
        self.began_at: datetime | None = None
        self.end = 0.0
        self.holes: list[tuple[datetime, datetime]] = []
        self._since = since
        self._until = until
        self._close_gaps = close_gaps
        self._closed = timedelta()
        self._ended_at: datetime | None = None
        self._streams: dict[str, Any] = {}
        self._kinds: dict[str, tuple[object, ...]] = {}
        self._last: dict[str, float] = {}

    def add(self, take: Take, container: OutputContainer) -> None:
        """Join one file on."""
        with av.open(str(take.path)) as source:
            self._fit(source, container, take)
            began_at = self._beginning(source, take)
            if began_at is None:
                return
            if self._ended_at is not None and began_at - self._ended_at > SEAM:
                self.holes.append((self._ended_at, began_at))
                if self._close_gaps:
                    self._closed += began_at - self._ended_at
            if self.began_at is None:
                self.began_at = began_at
            self._ended_at = take.ended_at if self._until is None else min(take.ended_at, self._until)
            self._copy(source, container, take, began_at)

    def _beginning(self, source: InputContainer, take: Take) -> datetime | None:
        """When the part of this file begins: at its first picture, or at the last key picture before ``since``."""
        since = self._since
        if since is None or since <= take.began_at or not source.streams.video:
            return max(take.began_at, since) if since and not source.streams.video else take.began_at
        keys = [take.began_at + timedelta(seconds=at - take.first_seconds)
                for at, packet in _packets(source) if packet.stream.type == "video" and packet.is_keyframe]
        source.seek(0)
        return max((key for key in keys if key <= since), default=take.began_at)

    def _copy(self, source: InputContainer, container: OutputContainer, take: Take, began_at: datetime) -> None:
        assert self.began_at is not None
        shift = (take.began_at - self._closed - self.began_at).total_seconds() - take.first_seconds
        first = (began_at - take.began_at).total_seconds() + take.first_seconds
        end = (self._ended_at or take.ended_at) - take.began_at
        last = end.total_seconds() + take.first_seconds
        needs_key = bool(source.streams.video)
        for at, packet in _packets(source):
            kind = packet.stream.type
            if kind not in self._streams or not first - 1e-6 <= at < last + (0.001 if self._until is None else 0):
                continue
            if kind == "video":
                needs_key = needs_key and not packet.is_keyframe
                if needs_key:
                    continue
            assert packet.time_base is not None
            assert packet.pts is not None
            assert packet.dts is not None
            moved = at + shift
            if moved <= self._last.get(kind, -1.0):
                needs_key = needs_key or kind == "video"  # who joined anew begins a little before the last end
                continue
            offset = round(shift / packet.time_base)
            packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
            self._last[kind] = moved
            length = float((packet.duration or 0) * packet.time_base)
            self.end = max(self.end, moved + length)
            packet.stream = self._streams[kind]
            container.mux(packet)

    def _fit(self, source: InputContainer, container: OutputContainer, take: Take) -> None:
        """The output has the first file's tracks; a later file must have the same kinds."""
        found = {stream.type: stream for stream in source.streams if isinstance(stream, VideoStream | AudioStream)}
        kinds: dict[str, tuple[object, ...]] = {kind: _kind_of(stream) for kind, stream in found.items()}
        if not self._streams:
            self._streams = {kind: container.add_stream_from_template(stream) for kind, stream in found.items()}
            self._kinds = kinds
        elif any(self._kinds.get(kind) != kinds[kind] for kind in kinds):
            raise RecordingChanges(at=take.began_at.isoformat(timespec="milliseconds"))


def _kind_of(stream: VideoStream | AudioStream) -> tuple[object, ...]:
    size = (stream.width, stream.height) if isinstance(stream, VideoStream) else (stream.sample_rate,)
    return (stream.codec_context.name, bytes(stream.codec_context.extradata or b""), *size)


def _packets(source: InputContainer) -> Iterator[tuple[float, av.Packet[Any]]]:
    """Every packet with its time in seconds; a file that is still growing just ends."""
    streams = [stream for stream in source.streams if stream.type in ("video", "audio")]
    for packet in source.demux(streams):
        if packet.dts is None or packet.pts is None or packet.time_base is None:
            continue
        yield float(packet.dts * packet.time_base), packet
