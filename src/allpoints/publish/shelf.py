"""The two shelves: held, which nobody serves, and public, where a name once written is never written again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import first_tick_of, next_segment_start
from allpoints.publish.ladder import CLEAN, PARTS_PER_SEGMENT, Rung, Slot, UnitName
from allpoints.publish.playlists import Run, Shelved, is_of_its_run, run_of


class _Runs(msgspec.Struct):
    runs: list[Run]


def runs_path(folders: Folders) -> Path:
    """What cannot be derived from names: where runs began, and with which init files."""
    return folders.memory / "runs.json"


def read_runs(folders: Folders) -> list[Run]:
    """The runs of this memory folder, oldest first; none where there is no folder yet."""
    try:
        return msgspec.json.decode(runs_path(folders).read_bytes(), type=_Runs).runs
    except (FileNotFoundError, msgspec.DecodeError):
        return []


def write_runs(folders: Folders, runs: Sequence[Run]) -> None:
    """Remember the runs; survives the death of any process."""
    write_atomically(runs_path(folders), msgspec.json.encode(_Runs(list(runs))))


def released_folder(folders: Folders, rung: str) -> Path:
    """Where a rendition's released files lie; the one without graphics lies where the origin does not look."""
    return (folders.unserved if rung == CLEAN else folders.public) / rung


def next_start_tick(folders: Folders, wall_tick: int, reserved_until: int) -> int:
    """The first tick that a new run may use: never one at or before a name that was ever given out.

    The memory folder remembers names for as long as the machine is up. Where it is empty (a reboot, a power cut),
    the ticks that the journal reserved ahead stand for the names it can no longer show.
    """
    shelves = (folders.held, folders.public, folders.unserved)
    segments = [name.slot.segment for shelf in shelves for path in shelf.glob("*/*.m4s")
                if (name := UnitName.read(path.name))]
    runs = read_runs(folders)
    used = max([*segments, *(run.segment for run in runs)], default=None)
    earliest = reserved_until + 1 if used is None else first_tick_of(used + 1)
    return next_segment_start(max(wall_tick, earliest))


@dataclass
class RungShelf:
    """One rendition's files. The owner is the release thread.

    ``runs`` tell which generation a slot's name has. ``strays`` are released files of another generation than that of
    their run: nothing lists them, and they go when they are old. ``unjoined`` are segments all of whose parts are
    released, and which there was no room to join.
    """

    rung: Rung
    folders: Folders
    parted: bool
    runs: Sequence[Run]
    strays: set[UnitName] = field(default_factory=set)
    segments: set[int] = field(default_factory=set)
    parts: set[Slot] = field(default_factory=set)
    held: set[Slot] = field(default_factory=set)
    unjoined: set[int] = field(default_factory=set)

    @property
    def public(self) -> Path:
        return released_folder(self.folders, self.rung.name)

    @property
    def hidden(self) -> Path:
        return self.folders.held / self.rung.name

    def adopt(self) -> None:
        """Take over what an earlier process left. A segment of which parts are missing will never be whole: what is
        held of it is thrown away, and playlists say GAP."""
        for folder in (self.public, self.hidden):
            folder.mkdir(parents=True, exist_ok=True)
            for draft in folder.glob(".*.draft"):
                draft.unlink()
        self.adopt_public()
        for path in self.hidden.glob("*.m4s"):
            name = UnitName.read(path.name)
            if name and is_of_its_run(name, self.runs):
                self.held.add(name.slot)
            else:
                path.unlink()
        for segment in {slot.segment for slot in self.held}:
            if not self.parted:
                continue
            whole = [Slot(segment, part) for part in range(PARTS_PER_SEGMENT)]
            if not all(slot in self.held or slot in self.parts for slot in whole):
                self.discard([slot for slot in whole if slot in self.held])
        self.unjoined = {slot.segment for slot in self.parts} - self.segments
        with suppress(OSError):  # no room for it now: the next release tries again
            self.join_parts()

    def adopt_public(self) -> None:
        """Take note of what is released, whoever did it."""
        for path in self.public.glob("*.m4s"):
            if name := UnitName.read(path.name):
                if is_of_its_run(name, self.runs):
                    self._shelve(name.slot)
                else:
                    self.strays.add(name)

    def hold(self, slot: Slot, content: bytes) -> None:
        """Put a finished unit where nobody serves it."""
        write_atomically(self.hidden / self._name(slot), content)
        self.held.add(slot)

    def release(self, slot: Slot) -> None:
        """Make a held unit public. A name that is public already stays as it is."""
        source, target = self.hidden / self._name(slot), self.public / self._name(slot)
        if target.exists():
            source.unlink(missing_ok=True)
        else:
            source.rename(target)
        self.held.discard(slot)
        self._shelve(slot)
        if slot.part == PARTS_PER_SEGMENT - 1:
            self.unjoined.add(slot.segment)

    def join_parts(self) -> None:
        """A segment file is its parts as they were released, one after the other; none where one is missing."""
        for segment in sorted(self.unjoined):
            slots = [Slot(segment, part) for part in range(PARTS_PER_SEGMENT)]
            target = self.public / self._name(Slot(segment))
            if all(slot in self.parts for slot in slots) and not target.exists():
                write_atomically(target, b"".join((self.public / self._name(slot)).read_bytes() for slot in slots))
                self.segments.add(segment)
            self.unjoined.discard(segment)

    def path_of(self, segment: int) -> Path:
        """Where a released segment lies."""
        return self.public / self._name(Slot(segment))

    def discard(self, slots: Sequence[Slot]) -> None:
        """Take held units away for good."""
        for slot in slots:
            (self.hidden / self._name(slot)).unlink(missing_ok=True)
            self.held.discard(slot)

    def forget_before(self, segment: int, parts_before: int) -> None:
        """Delete public segments before ``segment`` and parts before ``parts_before``."""
        for old in [number for number in self.segments if number < segment]:
            (self.public / self._name(Slot(old))).unlink(missing_ok=True)
            self.segments.discard(old)
        for part in [slot for slot in self.parts if slot.segment < parts_before]:
            (self.public / self._name(part)).unlink(missing_ok=True)
            self.parts.discard(part)
        for stray in [name for name in self.strays if name.slot.segment < segment]:
            (self.public / stray.file_name).unlink(missing_ok=True)
            self.strays.discard(stray)

    def write_init(self, init: bytes) -> str:
        """Publish an init segment under the name of its content; returns the name."""
        name = f"init-{hashlib.sha256(init).hexdigest()[:8]}.mp4"
        if not (self.public / name).exists():
            write_atomically(self.public / name, init)
        return name

    def shelved(self) -> Shelved:
        """What playlists may list."""
        return Shelved(frozenset(self.segments), frozenset(self.parts))

    def _name(self, slot: Slot) -> str:
        return UnitName(slot, run_of(self.runs, slot.segment).generation).file_name

    def _shelve(self, slot: Slot) -> None:
        if slot.part is None:
            self.segments.add(slot.segment)
        else:
            self.parts.add(slot)
