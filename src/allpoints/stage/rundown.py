"""The ordered list that the director runs, and where in it the clock stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.schedule.model import Gathering, SourceRef


@dataclass(frozen=True)
class RundownItem:
    """One line of the rundown in the crew's language. ``ticks`` is None where its source's end ends it."""

    item: str
    chapter: str
    title: str
    source: SourceRef
    ticks: int | None
    lower_third: tuple[str, str] | None = None


@dataclass(frozen=True)
class Rundown:
    """All items in order; with ``loops`` the first follows the last."""

    items: Sequence[RundownItem]
    loops: bool = False

    @classmethod
    def of(cls, gathering: Gathering, *, loops: bool = False) -> Rundown:
        """The rundown of a gathering, in its main language."""
        language = gathering.languages[0]
        items = []
        for session, item in gathering.items():
            speaker = item.lower_third
            items.append(
                RundownItem(
                    item=item.guid,
                    chapter=session.title.in_language(language),
                    title=item.title.in_language(language),
                    source=item.source,
                    ticks=None if item.duration is None else round(item.duration.total_seconds() * TICKS_PER_SECOND),
                    lower_third=None if speaker is None else (
                        speaker.name.in_language(language),
                        speaker.about.in_language(language) if speaker.about else "",
                    ),
                )
            )
        return cls(items, loops)

    def find(self, item: str) -> RundownItem | None:
        """The item of that guid."""
        return next((row for row in self.items if row.item == item), None)

    def after(self, item: str | None) -> RundownItem | None:
        """What follows ``item``; the first where it is None or unknown; None at the end."""
        if not self.items:
            return None
        index = next((n for n, row in enumerate(self.items) if row.item == item), None)
        if index is None:
            return self.items[0]
        if index + 1 < len(self.items):
            return self.items[index + 1]
        return self.items[0] if self.loops else None

    def due(self, item: str, started_tick: int, tick: int) -> tuple[RundownItem, int] | None:
        """Where the plan stands at ``tick`` when ``item`` started at ``started_tick`` and all ran by the clock.

        Returns the item that should be on air and the tick it should have started at. An item without a duration is
        taken to be still running. This is how a stage that was down rejoins its rundown: at *now*, without playing
        what it missed. None when the rundown is over or the item is unknown.
        """
        row, start = self.find(item), started_tick
        if row is None:
            return None
        cycle = sum(each.ticks or 0 for each in self.items)
        if self.loops and cycle > 0 and all(each.ticks is not None for each in self.items):
            start += (tick - start) // cycle * cycle
        for _ in range(len(self.items) + 1):
            if row.ticks is None or tick < start + row.ticks:
                return row, start
            start += row.ticks
            row = self.after(row.item)
            if row is None:
                return None
        return None
