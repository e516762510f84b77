"""``allpoints drill``: every fault of the table, one after the other, each graded."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from allpoints.app.drill.chromium import Chromium, watching_chromium
from allpoints.app.drill.grading import Grade, Graded, failures, grade, told_changed
from allpoints.app.drill.keeper import kept_gathering
from allpoints.app.drill.watching import Watcher
from allpoints.app.faults.breaking import Followed, break_it
from allpoints.app.faults.fault import Fault
from allpoints.app.faults.house import House
from allpoints.app.faults.looking import followed_name
from allpoints.app.faults.sight import Seen
from allpoints.app.faults.table import FAULTS
from allpoints.app.version import version
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.settings import Settings

SETTLING = 2.0
OWN_READER = "a reader of its own (no Chromium with Playwright here)"
SOUND = "a64"


class NoSuchFault(AllpointsError):
    """A fault was named that is not in the table."""

    code = "no_such_fault"
    for_people = "There is no fault “{code}”. Choose from: {codes}."


class Report(msgspec.Struct, frozen=True):
    """All grades of one drill. ``watcher``: who watched, in words."""

    at: datetime
    version: str
    ladder: str
    seconds: float
    watcher: str
    faults: list[Graded]

    @property
    def failed(self) -> bool:
        """Whether anything failed the audience."""
        return any(row.grade is Grade.FAIL for row in self.faults)


def chosen(only: Sequence[str]) -> list[Fault]:
    """The faults of these codes in the order of the table; all where none is named. Raises NoSuchFault."""
    codes = [code for text in only for code in text.split(",") if code]
    known = {fault.code: fault for fault in FAULTS}
    for code in codes:
        if code not in known:
            raise NoSuchFault(code=code, codes=", ".join(known))
    return [fault for fault in FAULTS if not codes or fault.code in codes]


@dataclass(frozen=True)
class Drill:
    """A gathering of its own on air, and viewers of it: one that fetches and keeps hashes, and perhaps a Chromium.

    ``cause`` any fault of ``faults.FAULTS`` in it as often as you like, on the main thread, and get it graded:
    soaks are built on it.
    """

    house: House
    settings: Settings
    watcher: Watcher
    chromium: Chromium | None = None

    def cause(self, fault: Fault, hear: Callable[[Seen], None] = lambda _: None) -> Graded:
        """Cause a fault, follow it until all is as before, and grade what the viewer got."""
        if obstacle := fault.how.obstacle(self.house):
            return Graded(fault.code, fault.title, Grade.SKIPPED, [obstacle])
        story: list[str] = []
        newest, known = self.watcher.newest(), self.watcher.known()

        def tell(seen: Seen) -> None:
            nonlocal newest, known
            if not story:
                newest, known = self.watcher.newest(), self.watcher.known()
                if self.chromium:
                    self.chromium.mark()
            story.append(f"{self.house.clock.now():%H:%M:%S} {seen.message.format(who=seen.who, **seen.values)}")
            hear(seen)

        try:
            followed = break_it(fault, self.house, tell)
        except AllpointsError as trouble:
            followed = Followed(self.house.clock.monotonic(), None, False)
            story.append(trouble.sentence())
        self.watcher.catch_up()
        gotten = self.watcher.since(followed.caused_at, newest, known)
        shown = self.chromium.since_mark() if self.chromium else None
        failed = failures(fault.limits, followed, gotten, shown)
        return Graded(
            fault.code, fault.title, grade(failed, followed, gotten, shown), failed,
            new_part=round(gotten.new_part, 2), hole=gotten.hole, stall=round(gotten.stall, 2),
            back=None if followed.back is None else round(followed.back, 1), slate=followed.was_on_slate, story=story,
            shown=shown,
        )


@contextmanager
def held_drill(
    ladder: str, clock: Clock, *, has_own_mounts: bool, with_panel: bool = False, with_chromium: bool = False
) -> Iterator[Drill]:
    """Hold a gathering until the end; ``with_chromium`` where there is one. Raises DrillCannotStart."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="allpoints-", ignore_cleanup_errors=True))
        house, settings = stack.enter_context(kept_gathering(
            Path(folder), clock, ladder=ladder, has_own_mounts=has_own_mounts, with_panel=with_panel
        ))
        watcher = Watcher(house.web_address, [followed_name(house.folders), SOUND], clock)
        watcher.start()
        stack.callback(watcher.stop)
        chromium = stack.enter_context(watching_chromium(house.web_address, clock)) if with_chromium else None
        yield Drill(house, settings, watcher, chromium)


def run_drill(
    faults: Sequence[Fault], ladder: str, clock: Clock, *, has_own_mounts: bool,
    begin: Callable[[Fault], None], hear: Callable[[Seen], None], end: Callable[[Graded], None],
) -> Report:
    """Cause ``faults`` one after the other; ``begin``, ``hear`` and ``end`` follow each. Raises DrillCannotStart."""
    began, at = clock.monotonic(), clock.now()
    graded = []
    with held_drill(ladder, clock, has_own_mounts=has_own_mounts, with_chromium=True) as drill:
        watched_by = drill.chromium.name if drill.chromium else OWN_READER
        for fault in faults:
            clock.sleep(SETTLING)
            begin(fault)
            graded.append(drill.cause(fault, hear))
            end(graded[-1])
        changed = drill.watcher.changed()
    if changed and graded:
        last = graded.pop()
        graded.append(msgspec.structs.replace(last, grade=Grade.FAIL, reasons=[*last.reasons, told_changed(changed)]))
    return Report(at, version(), ladder, round(clock.monotonic() - began, 1), watched_by, graded)
