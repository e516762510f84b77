"""Records the program as it was released: nothing that was held back or dumped can be in it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from allpoints.contribute.recording.track import Track
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import SAMPLES_PER_TICK, Timeline, first_tick_of
from allpoints.publish.ladder import Ladder, VideoRung
from allpoints.publish.recording.boxes import header_of, moved
from allpoints.publish.recording.program_file import SEGMENTS_PER_FILE, OpenFile, file_name, last_of
from allpoints.publish.released import ReleasedSegment, released_segments

LOOK_EVERY = 0.5
RETRY_AFTER = 2.0


class ProgramRecorder:
    """One thread for one recording. What is recorded is known from the files alone, so it may be killed at any time:
    what the released window still has is made up for."""

    def __init__(self, track: Track, ladder: Ladder, folders: Folders, timeline: Timeline, clock: Clock) -> None:
        self.track = track
        self._names = ladder.recorded(track.what)
        self._pictures = {rung.name for rung in ladder.made if isinstance(rung, VideoRung)}
        self._folders = folders
        self._folder = folders.recordings / track.what
        self._timeline = timeline
        self._clock = clock
        self._last = -1
        self._file: OpenFile | None = None
        self._is_adopted = self._has_begun = False
        self._known_header: tuple[tuple[str, ...], bytes] = ((), b"")
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"record {track.what}", daemon=True)

    def start(self) -> None:
        """Begin with the oldest that is still released and not recorded."""
        self._thread.start()

    def stop(self) -> None:
        """Take in what is released by now, and end."""
        self._closing.set()
        self._thread.join(3.0)

    def _run(self) -> None:
        going = True
        while going:
            going = not self._closing.is_set()
            try:
                self.look()
            except OSError as trouble:
                self.track.stop(self._unrecorded_since() or self._clock.now(), trouble)
                self._close()
                self._is_adopted = False  # whatever became of the file, it is looked at afresh
                self._closing.wait(RETRY_AFTER)
            self._closing.wait(LOOK_EVERY)
        self._close()

    def _adopt(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        newest = last_of(self._folder, self._timeline)
        if newest is not None:
            self._last = newest.last
        self._is_adopted = True

    def look(self) -> None:
        """Record all that was released and is not recorded. Raises OSError of the disk."""
        if not self._is_adopted:
            self._adopt()
        shelves = [
            {each.segment: each for each in released_segments(self._folders, name, after=self._last)}
            for name in self._names
        ]
        settled = min(max(shelf, default=-1) for shelf in shelves)  # up to here nothing more is released
        segments = [segment for segment in sorted(set().union(*shelves)) if segment <= settled]
        for segment in segments:
            if not self.track.has_room(self._unrecorded_since() or self._instant(segment)):
                self._close()
                return
            self._record(segment, [shelf.get(segment) for shelf in shelves])

    def _record(self, segment: int, found: Sequence[ReleasedSegment | None]) -> None:
        there = {name: each for name, each in zip(self._names, found, strict=True) if each is not None}
        try:
            header = self._header(there)
            if not header:
                return
            contents = {name: each.path.read_bytes() for name, each in there.items()}
        except FileNotFoundError:
            return  # it left the window while we looked: a hole, told with the next segment
        file = self._open(segment, header)
        start, place = first_tick_of(file.first), segment - file.first
        fragments = b"".join(
            moved(contents[name], track, start if name in self._pictures else start * SAMPLES_PER_TICK, place)
            for track, name in enumerate(self._names, 1) if name in contents
        )
        size = file.add(segment, fragments)
        self.track.wrote(size, str(file.path.relative_to(self._folders.recordings)))
        self._tell_what_is_missing(segment, there)
        self._last, self._has_begun = segment, True

    def _tell_what_is_missing(self, segment: int, there: Mapping[str, ReleasedSegment]) -> None:
        since, until = self._unrecorded_since(), self._instant(segment)
        is_hole = 0 <= self._last < segment - 1
        if self.track.trouble:
            self.track.resume(until, lost=is_hole)
        elif is_hole and since is not None:
            begins_run = any(each.begins_run for each in there.values())
            self.track.missing(since, until, "no_program" if begins_run else
                               "not_released" if self._has_begun else "interrupted")
        if len(there) < len(self._names):
            self.track.missing(until, self._instant(segment + 1), "not_released")

    def _open(self, segment: int, header: bytes) -> OpenFile:
        """The file that the segment belongs into: the one being written, the predecessor's, or a new one."""
        goes_on = segment == self._last + 1 and segment % SEGMENTS_PER_FILE != 0
        if self._file is not None and (not goes_on or self._file.header != header or self._file.is_gone):
            self._close()
        if self._file is None:
            newest = last_of(self._folder, self._timeline) if goes_on else None
            if newest is not None and newest.last == segment - 1:
                self._file = OpenFile(newest.path, header, newest.first)
                if not self._file.begins_alike:
                    self._close()
        if self._file is None:
            self._file = OpenFile(self._folder / file_name(segment, self._timeline), header, segment)
        return self._file

    def _header(self, there: Mapping[str, ReleasedSegment]) -> bytes:
        """The head of a file for these init segments; where a rendition is missing, as it was before, or empty."""
        names = tuple(str(each.init) for each in there.values())
        if len(there) == len(self._names) and names != self._known_header[0]:
            self._known_header = names, header_of([each.init.read_bytes() for each in there.values()])
        return self._known_header[1]

    def _unrecorded_since(self) -> datetime | None:
        return None if self._last < 0 else self._instant(self._last + 1)

    def _instant(self, segment: int) -> datetime:
        return self._timeline.instant_of(first_tick_of(segment))

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
