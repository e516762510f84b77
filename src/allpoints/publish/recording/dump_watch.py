"""Makes dumps hold for the recordings of sources too: what a decision covers is erased, whatever dies meanwhile."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

import msgspec

from allpoints.contribute.recording.gaps import Gap, GapLog
from allpoints.contribute.recording.pieces import erase_pieces, sources_folder
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, segment_of
from allpoints.publish.dumps import LONGEST_HELD_TICKS, Decision, decisions, dumps_path

MARGIN_TICKS = 3 * TICKS_PER_SECOND
"""Erased beyond what was dumped, on both sides: what is said on air was sent a little earlier, an encoder may lag by
two seconds when the program's tick is taken from it, and nobody presses at the first syllable."""


class _Obeyed(msgspec.Struct, frozen=True):
    """A line of ``dumps-obeyed.jsonl``."""

    from_tick: int
    until_segment: int
    pieces: int


class DumpWatch:
    """Looks for decisions. One thread calls ``look`` several times a second; ``covers`` may be called from any.

    A decision is obeyed again and again until its end has passed; only then it is written down as obeyed. Whoever
    is killed before that begins anew, and erasing twice erases nothing more.
    """

    def __init__(self, folders: Folders, gaps: GapLog, tick_now: Callable[[], int], *, erases: bool) -> None:
        self._folders = folders
        self._gaps = gaps
        self._tick_now = tick_now
        self._erases = erases
        self._path = folders.recordings / "dumps-obeyed.jsonl"
        self._obeyed: set[Decision] | None = None
        self._unwritten: list[_Obeyed] = []
        self._known: tuple[Decision, ...] = ()
        self._stamp: tuple[int, int, int] | None = None
        self._suspect: tuple[int, int, int] | None = None
        self._doubt: Decision | None = None
        self._pieces: dict[Decision, int] = {}

    def covers(self, first_tick: int, end_tick: int) -> bool:
        """Whether a decision that erases recordings covers anything from one tick to before another."""
        return self._erases and any(
            each.from_tick - MARGIN_TICKS < end_tick and first_tick < each.end_tick + MARGIN_TICKS
            for each in self._known
        )

    def look(self) -> None:
        """See what was decided, and obey. Raises OSError where the disk does not let go of something."""
        if self._obeyed is None:
            self._obeyed = _read_obeyed(self._path)
        self._read()
        for decision in self._known:
            if decision in self._obeyed:
                continue
            if self._erases:
                self._erase(decision)
            if not self._erases or self._tick_now() >= decision.end_tick + MARGIN_TICKS:
                self._obeyed.add(decision)
                self._unwritten.append(
                    _Obeyed(decision.from_tick, decision.until_segment, self._pieces.pop(decision, 0))
                )
        while self._unwritten:
            _append(self._path, msgspec.json.encode(self._unwritten[0]) + b"\n")
            del self._unwritten[0]

    def _read(self) -> None:
        try:
            stat = dumps_path(self._folders).stat()
        except FileNotFoundError:
            return
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if stamp == self._stamp:
            return
        known, torn = decisions(self._folders)
        if torn and self._suspect != stamp:
            self._suspect = stamp  # it may just be in the making
            return
        if torn and self._doubt is None:
            # A line that cannot be read was a decision too. Until the stage has said which, it is the widest.
            now = self._tick_now()
            self._doubt = Decision(max(0, now - LONGEST_HELD_TICKS), segment_of(now) + 1)
        self._known = (*known, self._doubt) if torn and self._doubt else tuple(known)
        self._stamp = stamp

    def _erase(self, decision: Decision) -> None:
        first, end = decision.from_tick - MARGIN_TICKS, decision.end_tick + MARGIN_TICKS
        for folder in sources_folder(self._folders).glob("*/"):
            if erased := erase_pieces(folder, first, end):
                self._pieces[decision] = self._pieces.get(decision, 0) + len(erased)
                self._gaps.tell(Gap(
                    folder.name, min(began for began, _ in erased), max(ended for _, ended in erased), "dumped"
                ))


def _read_obeyed(path: os.PathLike[str]) -> set[Decision]:
    obeyed = set()
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:  # noqa: PTH123 - any path
        for line in file:
            with contextlib.suppress(msgspec.MsgspecError):
                known = msgspec.json.decode(line, type=_Obeyed)
                obeyed.add(Decision(known.from_tick, known.until_segment))
    return obeyed


def _append(path: os.PathLike[str], line: bytes) -> None:
    """A line that is cut off is not understood when it is read, and the decision obeyed once more."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, b"\n" * (os.fstat(descriptor).st_size > 0) + line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
