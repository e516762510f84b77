"""Reads every segment of a long timeline back with libavformat while it is there, and notes whatever is not exact."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

from tests.stand_ins.released import Playlist, read_playlist, read_track

from allpoints.publish.ladder import Ladder, Rung, VideoRung

SEGMENT = 2
RETENTION_SEGMENTS = 30
MOST_FAULTS = 50


def step_of(rung: Rung) -> Fraction:
    """How long a sample lasts, in seconds."""
    return Fraction(rung.every, 25) if isinstance(rung, VideoRung) else Fraction(rung.frame, 48_000)


def starts_at(rung: Rung, segment: int) -> Fraction:
    """When a segment's first sample is due: the first multiple of the rendition's step at or after its 2 s mark."""
    return -(-segment * SEGMENT // step_of(rung)) * step_of(rung)


@dataclass
class Seen:
    """One rendition so far. ``seconds`` is the sum of the durations of all samples read."""

    rung: Rung
    first: int = -1
    newest: int = -1
    listed_from: int = -1
    decode_time: int = -1
    seconds: Fraction = Fraction(0)


@dataclass
class Reader:
    """Looks at all renditions beneath ``public``. ``faults``: what was not as it should be, in words."""

    public: Path
    ladder: Ladder
    epoch: datetime
    faults: list[str] = field(default_factory=list)
    most_files: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)

    def look(self) -> int:
        """Read what is new; the newest segment that was read of every rendition, -1 while there is none."""
        for rung in self.ladder.rungs:
            path = self.public / rung.name / "index.m3u8"
            if path.exists():
                self._look(self.seen.setdefault(rung.name, Seen(rung)), path)
        if len(self.seen) < len(self.ladder.rungs):
            return -1
        return min(seen.newest for seen in self.seen.values())

    def _look(self, seen: Seen, path: Path) -> None:
        text, playlist = path.read_text(), read_playlist(path)
        while path.read_text() != text:  # it was written anew meanwhile
            text, playlist = path.read_text(), read_playlist(path)
        last = playlist.first_sequence + len(playlist.files) - 1
        if last <= seen.newest:
            return
        name = seen.rung.name
        if seen.first < 0:
            seen.first, seen.newest = playlist.first_sequence, playlist.first_sequence - 1
        if "EXT-X-GAP" in text or "EXT-X-DISCONTINUITY\n" in text:
            self._note(f"{name}: a hole is told at segment {last}")
        if playlist.first_sequence < seen.listed_from:
            self._note(f"{name}: the playlist's numbers went back to {playlist.first_sequence}")
        seen.listed_from = playlist.first_sequence
        if len(playlist.files) != min(RETENTION_SEGMENTS, last - seen.first + 1):
            self._note(f"{name}: {len(playlist.files)} segments are listed at {last}")
        if playlist.first_sequence > seen.newest + 1:
            self._note(f"{name}: {seen.newest + 1} left the playlist unread")
        self._times_of(seen.rung, text, playlist.first_sequence, last)
        for number in range(max(seen.newest + 1, playlist.first_sequence), last + 1):
            self._read(seen, playlist, number)
        seen.newest = last
        self.most_files = max(self.most_files, sum(1 for _ in path.parent.glob("g1-*[0-9].m4s")))

    def _times_of(self, rung: Rung, text: str, first: int, last: int) -> None:
        """The playlist's own times: one PROGRAM-DATE-TIME, to the millisecond, and durations that add up."""
        told = [line.split(":", 1)[1] for line in text.splitlines() if line.startswith("#EXT-X-PROGRAM-DATE-TIME")]
        wanted = self.epoch + timedelta(microseconds=int(starts_at(rung, first) * 1_000_000))
        if told != [wanted.isoformat(timespec="milliseconds").replace("+00:00", "Z")]:
            self._note(f"{rung.name}: {told} is told for {wanted}")
        lengths = [float(line[8:-1]) for line in text.splitlines() if line.startswith("#EXTINF:")]
        exact = starts_at(rung, last + 1) - starts_at(rung, first)
        if abs(sum(lengths) - float(exact)) > 0.00001 * len(lengths):
            self._note(f"{rung.name}: durations add up to {sum(lengths)} instead of {float(exact)}")

    def _read(self, seen: Seen, playlist: Playlist, number: int) -> None:
        rung = seen.rung
        file = playlist.files[number - playlist.first_sequence]
        if file is None:
            return
        track, step = read_track(Playlist(playlist.init, number, (file,))), step_of(rung)
        if track.pts[0] != starts_at(rung, number) or track.dts != track.pts:
            self._note(f"{rung.name}: {number} starts at {float(track.pts[0])}")
        if track.deltas() != {step}:
            self._note(f"{rung.name}: {number} has steps of {sorted(map(float, track.deltas()))}")
        if track.pts[-1] + step != starts_at(rung, number + 1):
            self._note(f"{rung.name}: {number} ends at {float(track.pts[-1] + step)}")
        if isinstance(rung, VideoRung) and [at for at, key in enumerate(track.keyframes) if key] != [0]:
            self._note(f"{rung.name}: {number} does not begin with its only key picture")
        seen.seconds += len(track.pts) * step
        for version, decode_time in decode_times(file.read_bytes()):
            if version != 1 or decode_time <= seen.decode_time:
                self._note(f"{rung.name}: {number} has version {version} tfdt {decode_time} after {seen.decode_time}")
            seen.decode_time = decode_time

    def told(self) -> dict[str, dict[str, float | int | bool]]:
        """Each rendition: how far it was read, and whether all of it adds up to the tick."""
        return {name: {
            "first_segment": seen.first, "last_segment": seen.newest, "segments": seen.newest - seen.first + 1,
            "seconds": float(seen.seconds), "last_tfdt": seen.decode_time,
            "adds_up_exactly": (
                seen.seconds == starts_at(seen.rung, seen.newest + 1) - starts_at(seen.rung, seen.first)
            ),
        } for name, seen in self.seen.items()}

    def _note(self, fault: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


def decode_times(fragments: bytes) -> list[tuple[int, int]]:
    """Version and value of each tfdt box (ISO 14496-12, 8.8.12) of a segment, walking the boxes from the start."""
    found, at = [], 0
    while at < len(fragments):
        size, kind = struct.unpack_from(">I4s", fragments, at)
        if kind == b"moof":
            box = fragments.index(b"tfdt", at) + 4
            version = fragments[box]
            found.append((version, struct.unpack_from(">Q" if version else ">I", fragments, box + 4)[0]))
        at += size
    return found
