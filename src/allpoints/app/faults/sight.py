"""What follows a fault, told in words from what is really seen: processes, the stage's word, released segments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from allpoints.app.faults.house import SPEAKER
from allpoints.kernel.processes import ProcessNote
from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT

_ = str  # marks what catalogues translate

SEGMENT_SECONDS = TICKS_PER_SEGMENT // TICKS_PER_SECOND
STEADY_SEGMENTS = 2
"""So many new segments in a row, after all is undone and runs, and the matter is over."""

GIVE_UP = 45.0

NAMES: Mapping[str, str] = {
    "stage": _("the stage"), "web": _("the web"), "ingest": _("the ingest"), "recorder": _("the recorder"),
    "simulcast": _("the simulcast"), SPEAKER: _("the speaker’s encoder"), "supervisor": _("the supervisor"),
}
"""Processes as the log calls them."""


@dataclass(frozen=True)
class Sight:
    """What one look sees. ``last`` is the newest released segment of the rendition that is followed, ``gaps`` are
    listed ones that never came; ``on_slate`` is None while the stage says nothing."""

    processes: Mapping[str, ProcessNote]
    last: int
    gaps: frozenset[int] = frozenset()
    on_slate: bool | None = None


@dataclass(frozen=True)
class Seen:
    """One thing that was seen: a message id, whom it is about, and its values."""

    message: str
    who: str = ""
    values: Mapping[str, str | int | float] = field(default_factory=dict)


class Observer:
    """Compares what it sees with what was before the fault. ``over`` once all is as it was;
    ``was_on_slate``: the slate came meanwhile."""

    def __init__(self, before: Sight) -> None:
        self._before = before
        self._starts = {name: (process.pid, process.starts) for name, process in before.processes.items()}
        self._told_missed = 0
        self._on_slate = bool(before.on_slate)
        self.was_on_slate = False
        self._undone_at: int | None = None
        self.over = False

    def missed(self, sight: Sight) -> int:
        """How many segments since the fault never came."""
        return len([gap for gap in sight.gaps if gap > self._before.last])

    def undone(self, sight: Sight) -> None:
        """From now on nothing stands in the way of all being as before."""
        self._undone_at = sight.last

    def look(self, sight: Sight) -> Iterator[Seen]:
        """What is new."""
        for name, process in sight.processes.items():
            now = (process.pid, process.starts)
            if name in self._starts and now != self._starts[name]:
                self._starts[name] = now
                if process.last_end.startswith("did not answer"):
                    yield Seen(_("{who} did not answer and was ended"), NAMES.get(name, name))
                yield Seen(_("{who} was started again"), NAMES.get(name, name))
                if self._undone_at is not None and name == "stage":
                    self._undone_at = max(self._undone_at, sight.last)
        if sight.on_slate is not None and sight.on_slate != self._on_slate:
            self._on_slate = sight.on_slate
            self.was_on_slate |= sight.on_slate
            yield Seen(_("the slate is on air") if sight.on_slate else _("a source is on air again"))
        missed = self.missed(sight)
        if missed > self._told_missed and sight.last not in sight.gaps:
            self._told_missed = missed
            yield Seen(_("pictures go on: viewers missed {seconds} s"), values={"seconds": missed * SEGMENT_SECONDS})
        if not self.over and self._is_over(sight):
            self.over = True
            if not missed:
                yield Seen(_("pictures went on all the while: viewers missed nothing"))

    def _is_over(self, sight: Sight) -> bool:
        now = sight.processes
        is_whole = all(name in now and now[name].is_ready >= was.is_ready
                       for name, was in self._before.processes.items())
        since = self._undone_at
        if since is None or not is_whole or (self._on_slate and not self._before.on_slate):
            return False
        return sight.last >= since + STEADY_SEGMENTS


def position(playlist: str) -> tuple[int, frozenset[int]]:
    """The newest released segment of a media playlist, and the listed ones that never came."""
    first = re.search(r"^#EXT-X-MEDIA-SEQUENCE:(\d+)", playlist, re.MULTILINE)
    segment, last, gaps, is_gap = int(first[1]) if first else 0, -1, set(), False
    for line in playlist.splitlines():
        if line == "#EXT-X-GAP":
            is_gap = True
        elif line and not line.startswith("#"):
            if is_gap:
                gaps.add(segment)
            else:
                last = segment
            segment, is_gap = segment + 1, False
    return last, frozenset(gaps)
