"""The decision to dump: made durable by whoever makes it, obeyed before anything is released."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, first_tick_of, segment_of
from allpoints.publish.ladder import UnitName

AFTERMATH_TICKS = 5
"""What is taken off the program still fades for a tick, and Opus predicts from it for up to 80 ms (RFC 7845, 4.6)."""


UNFINISHED_TICKS = 4 * TICKS_PER_SECOND
"""What is not yet held can be so old: an encoder's backlog and the segment it is in."""

LONGEST_HELD_TICKS = 30 * TICKS_PER_SECOND + UNFINISHED_TICKS
"""How far back a decision reaches that does not say it itself: the longest release delay."""


@dataclass(frozen=True)
class Decision:
    """A dump: of all that was not released, from ``from_tick`` up to the end of ``until_segment``.

    ``retreated``: whoever made it has left what was on air. Where nobody did, no stage answered; one that wakes or
    comes up just then may still show what was dumped, and has to leave it.
    """

    from_tick: int
    until_segment: int
    retreated: bool = field(default=False, compare=False)

    @property
    def end_tick(self) -> int:
        """The first tick that it does not cover."""
        return first_tick_of(self.until_segment + 1)


class DumpNotWritten(AllpointsError):
    """The decision to dump could not be written down, not even in the place of what it takes away."""

    code = "dump_not_written"
    status = 507
    for_people = (
        "DUMP could not be written down ({reason}), so held material may still be released. "
        "End Allpoints at once, make room in its memory folder, and run “allpoints dump” before you start it "
        "again."
    )


def dumps_path(folders: Folders) -> Path:
    """Where decisions lie: beside the held material, and as lasting as it."""
    return folders.memory / "dumps.jsonl"


@contextmanager
def holding_lock(folders: Folders) -> Iterator[None]:
    """Between two processes: either a unit is released before a dump is decided, or the dump covers it."""
    descriptor = os.open(folders.memory / "release.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def record_dump(folders: Folders, tick: int, *, retreated: bool = False) -> int:
    """Decide that nothing not yet released up to the segment of ``tick`` is ever released; slate takes its place.

    May be called from any process, also while no stage is running: then ``tick`` is the wall clock's, and whatever
    is held or in progress counts even if a clock has gone back since. ``retreated`` is for the stage to say, see
    Decision. When this returns, no death of any process undoes it. Returns the last segment that is dumped. Raises
    DumpNotWritten.
    """
    try:
        with holding_lock(folders):
            segment = max(segment_of(tick + AFTERMATH_TICKS), _in_progress(folders))
            line = _line(Decision(_oldest_unreleased(folders, tick), segment, retreated), tick=tick)
            try:
                _append(dumps_path(folders), line)
            except OSError:
                # A full folder has no room for the decision: what it takes away makes room for it.
                _take_away_held(folders, segment)
                _append(dumps_path(folders), line)
    except OSError as trouble:
        raise DumpNotWritten(reason=str(trouble)) from trouble
    return segment


def understood_decisions(folders: Folders) -> Sequence[Decision]:
    """All decisions in the order in which they were made. Call it with the lock held.

    A line that cannot be read was a decision nevertheless: everything held now is taken to be meant, once. The file
    is then written anew with what was understood, or it would be meant again with each unit to come.
    """
    known, torn = decisions(folders)
    if torn:
        until = max(last_dumped_segment(known), _in_progress(folders))
        known = [*known, Decision(_oldest_unreleased(folders, first_tick_of(until + 1)), until)]
        write_atomically(dumps_path(folders), b"".join(map(_line, known)), durable=True)
    return known


def last_dumped_segment(made: Sequence[Decision]) -> int:
    """The last segment that any of them covers; −1 where there is none."""
    return max((decision.until_segment for decision in made), default=-1)


def without_retreat(made: Sequence[Decision]) -> int:
    """How many of them were made while no stage answered."""
    return sum(not decision.retreated for decision in made)


def decisions(folders: Folders) -> tuple[Sequence[Decision], bool]:
    """All decisions in the order in which they were made, and whether there is a line that cannot be read.

    Needs no lock: whoever erases recordings may hang, and must not hold up the release.
    """
    known: list[Decision] = []
    torn = False
    try:
        lines = dumps_path(folders).read_bytes().splitlines()
    except FileNotFoundError:
        return known, torn
    for line in lines:
        try:
            fields = json.loads(line)
            until = int(fields["until_segment"])
            since = int(fields.get("from_tick", first_tick_of(until) - LONGEST_HELD_TICKS))
            known.append(Decision(since, until, bool(fields.get("retreated"))))
        except (ValueError, KeyError, TypeError, AttributeError):
            torn = True
    return known, torn


def adopt_decisions(folders: Folders, made: Sequence[Decision], *, now_tick: int) -> None:
    """Write down decisions that another machine knows of: they hold here too. What is on air has to be left here as
    well if nobody did there, unless nothing that was on program then can still be held. Raises OSError when there is
    no room."""
    with holding_lock(folders):
        known, _ = decisions(folders)
        for decision in made:
            if decision not in known:
                is_past = decision.end_tick < now_tick - LONGEST_HELD_TICKS
                _append(dumps_path(folders), _line(replace(decision, retreated=decision.retreated or is_past)))


def _append(path: Path, line: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_away_held(folders: Folders, until_segment: int) -> None:
    for path in folders.held.glob("*/*.m4s"):
        name = UnitName.read(path.name)
        if name and name.slot.segment <= until_segment:
            path.unlink(missing_ok=True)


def dumped_until_tick(folders: Folders) -> int:
    """The tick before which everything that was not released then is dumped; 0 where nothing was."""
    with holding_lock(folders):
        return first_tick_of(last_dumped_segment(understood_decisions(folders)) + 1)


def _in_progress(folders: Folders) -> int:
    """The segment that follows or continues what is held; −1 where nothing is."""
    names = (UnitName.read(path.name) for path in folders.held.glob("*/*.m4s"))
    return max((segment_of(name.slot.end_tick) for name in names if name), default=-1)


def _oldest_unreleased(folders: Folders, tick: int) -> int:
    """Where what is not released begins, when the program is at ``tick``; rather too early than too late."""
    names = (UnitName.read(path.name) for path in folders.held.glob("*/*.m4s"))
    return max(0, min([tick - UNFINISHED_TICKS, *(name.slot.first_tick for name in names if name)]))


def _line(decision: Decision, **more: int) -> bytes:
    return json.dumps({**asdict(decision), **more}).encode() + b"\n"
