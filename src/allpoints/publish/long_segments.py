"""Long segments of the lowest renditions: what was released, joined by the ten seconds.

On a weak line a request costs as much as a second of sound does. A *group* is five segments of the clock. It is
joined when it is over, of what is public then, so nothing that was held back or dumped can be in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from allpoints.kernel.files import write_atomically
from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT, Timeline
from allpoints.publish.ladder import Ladder, Rung, Slot, seconds_of, start_and_length
from allpoints.publish.playlists import Run, master_playlist, program_date_time, run_of
from allpoints.publish.shelf import RungShelf
from allpoints.publish.window import Keeper

GROUP = 5
"""How many segments of the clock a long segment stands for."""

FILE = "long.m3u8"
_NAME = re.compile(rf"g(\d{{1,9}})-(\d{{1,15}})x{GROUP}\.m4s", re.ASCII)


@dataclass(frozen=True, order=True)
class LongName:
    """What a long segment is published as. ``generation`` is that of the stage that joined it, whoever made the
    segments in it: two stages may have different ones of a group."""

    group: int
    generation: int

    @property
    def file_name(self) -> str:
        """``g3-2469x5.m4s``."""
        return f"g{self.generation}-{self.group}x{GROUP}.m4s"

    @classmethod
    def read(cls, name: str) -> LongName | None:
        """What a file name stands for; None for any other file."""
        if not (match := _NAME.fullmatch(name)):
            return None
        return cls(int(match[2]), int(match[1]))


@dataclass(frozen=True)
class LongSegment:
    """A group that is over, and the segments that are in its file; none, and there is no file: a gap."""

    name: LongName
    segments: Sequence[int]


def segments_of(group: int) -> range:
    """The segments of the clock that a group stands for."""
    return range(group * GROUP, (group + 1) * GROUP)


def long_playlist(rung: Rung, listed: Sequence[LongSegment], runs: Sequence[Run], timeline: Timeline) -> str:
    """The playlist of groups without a hole between them. A group in which a run begins begins with a DISCONTINUITY,
    as does the next where inits changed; whatever follows a hole is dated."""
    breaks, first = discontinuities(runs), listed[0].name.group
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{GROUP * TICKS_PER_SEGMENT // TICKS_PER_SECOND}",
        f"#EXT-X-MEDIA-SEQUENCE:{first}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{sum(group < first for group in breaks)}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    mapped, reached = "", -1
    for each in listed:
        group, segments = each.name.group, each.segments
        if group in breaks:
            lines.append("#EXT-X-DISCONTINUITY")
        init = run_of(runs, (segments or segments_of(group))[0]).inits.get(rung.name, mapped)
        if init != mapped:
            lines.append(f'#EXT-X-MAP:URI="{init}"')
            mapped = init
        if not segments:
            lines.append("#EXT-X-GAP")
        elif group in breaks or segments[0] != reached:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{program_date_time(rung, Slot(segments[0]), timeline)}")
        reached = segments[-1] + 1 if segments else -1
        lines += [f"#EXTINF:{_seconds(rung, segments or segments_of(group)):.5f},", each.name.file_name]
    return "\n".join(lines) + "\n"


def discontinuities(runs: Sequence[Run]) -> frozenset[int]:
    """The groups that begin with a DISCONTINUITY. Told by the runs alone, so that their count never changes."""
    found = {run.segment // GROUP for run in runs[1:]}
    for before, run in pairwise(runs):
        if before.inits != run.inits and run.segment % GROUP:
            found.add(run.segment // GROUP + 1)
    return frozenset(found)


def _seconds(rung: Rung, segments: Sequence[int]) -> float:
    start, _ = start_and_length(rung, Slot(segments[0]))
    last, length = start_and_length(rung, Slot(segments[-1]))
    return seconds_of(rung, last + length - start)


def low_master_playlist(ladder: Ladder, codecs: Mapping[str, str], language: str) -> str:
    """The multivariant playlist for players of others on weak lines: the lowest renditions, all in long segments."""
    lowest = replace(
        ladder, video=tuple(rung for rung in ladder.video if rung.has_long),
        audio=tuple(rung for rung in ladder.audio if rung.has_long),
    )
    return master_playlist(lowest, codecs, language, file=FILE)


@dataclass
class LongShelf:
    """One rendition's long segments, beside what they are joined of. The owner is the release thread.

    ``made`` are the groups that are over, ``files`` all that lie in the folder, ``first`` the first that is listed.
    """

    shelf: RungShelf
    timeline: Timeline
    generation: int
    retention_segments: int
    made: dict[int, LongSegment] = field(default_factory=dict)
    files: set[LongName] = field(default_factory=set)
    first: int = 0
    listed: str = ""

    def adopt(self) -> None:
        """Take over what an earlier process joined; of two generations' files of one group the newer is listed."""
        found = (LongName.read(path.name) for path in self.shelf.public.glob(f"g*x{GROUP}.m4s"))
        self.files = {name for name in found if name}
        for name in sorted(self.files):
            self.made[name.group] = LongSegment(name, self._released(name.group) or segments_of(name.group))

    def follow(self, keeper: Keeper) -> None:
        """The rendition has come further: join what is over, list it, delete what is old. Raises OSError where there
        is no room; the groups that are over are then joined by the next call."""
        newest = max(self.shelf.segments, default=-1)
        over = newest // GROUP - 1
        if newest < 0 or over < self._first(over, keeper):
            return
        self.first = self._first(over, keeper)
        listed: list[LongSegment] = []
        try:
            for group in range(self.first, over + 1):
                if group not in self.made:
                    if not keeper.has_headroom() or self.shelf.unjoined & set(segments_of(group)):
                        break
                    self.made[group] = self._join(group)
                listed.append(self.made[group])
        finally:
            self._forget(keeper)
        if listed:
            self._list(listed)

    def _first(self, over: int, keeper: Keeper) -> int:
        """As long a list as that of short segments, and shorter with it; never going back."""
        most = -(-self.retention_segments // GROUP)
        begun = self.shelf.runs[0].segment // GROUP
        return max(over - most + 1, keeper.first_listed // GROUP - 1, begun, self.first)

    def _join(self, group: int) -> LongSegment:
        segments = self._released(group)
        name = LongName(group, self.generation)
        if segments:
            content = b"".join(self.shelf.path_of(segment).read_bytes() for segment in segments)
            write_atomically(self._path(name), content)
            self.files.add(name)
        return LongSegment(name, segments)

    def _released(self, group: int) -> Sequence[int]:
        """What is there of a group; without what the init segment of its first does not fit."""
        there = [segment for segment in segments_of(group) if segment in self.shelf.segments]
        return [segment for segment in there if self._init_of(segment) == self._init_of(there[0])]

    def _init_of(self, segment: int) -> str | None:
        return run_of(self.shelf.runs, segment).inits.get(self.shelf.rung.name)

    def _list(self, listed: Sequence[LongSegment]) -> None:
        """Only what is new is written: players tell from the file's age when the next long segment comes."""
        text = long_playlist(self.shelf.rung, listed, self.shelf.runs, self.timeline)
        if text != self.listed:
            write_atomically(self.shelf.public / FILE, text.encode())
            self.listed = text

    def _forget(self, keeper: Keeper) -> None:
        """A file stays for as long as the list that named it last (RFC 8216bis, 6.2.2)."""
        last = max(self.made, default=-1)
        kept = self.first if keeper.is_tight else 2 * self.first - last - 2
        for name in [name for name in self.files if name.group < kept]:
            self._path(name).unlink(missing_ok=True)
            self.files.discard(name)
        for group in [group for group in self.made if group < self.first]:
            del self.made[group]

    def _path(self, name: LongName) -> Path:
        return self.shelf.public / name.file_name
