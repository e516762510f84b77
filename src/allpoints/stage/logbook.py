"""What the director remembers and has written down: states of items, the last actions, lines of the journal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from allpoints.kernel.timeline import Timeline
from allpoints.stage.airing import Airing, AiringEvent, AiringState
from allpoints.stage.journal import Journal
from allpoints.stage.protocol import Action

REMEMBERED_ACTIONS = 5


class Logbook:
    """``tick`` is the tick that everything noted now belongs to. ``changed`` tells screens to look again.

    ``on_airing`` hears of each step of an airing.
    """

    def __init__(
        self, journal: Journal, timeline: Timeline, on_airing: Callable[[Airing], None] = lambda _: None
    ) -> None:
        self.tick = 0
        self.changed = True
        self.last_states: dict[str, AiringState] = {}
        self.actions: deque[Action] = deque(maxlen=REMEMBERED_ACTIONS)
        self._journal = journal
        self._timeline = timeline
        self._on_airing = on_airing

    def after(self, airing: Airing, event: AiringEvent) -> Airing:
        """``airing`` after ``event`` at this tick, noted if that changed it."""
        changed = airing.after(event, self.tick, self._timeline.instant_of(self.tick))
        if changed is not airing:
            self.note(changed)
        return changed

    def note(self, airing: Airing) -> None:
        """Write down where an airing stands."""
        if airing.item:
            self.last_states[airing.item] = airing.state
        self.changed = True
        self._on_airing(airing)
        self._journal.append(
            "airing", self.tick, airing=airing.airing, item=airing.item, title=airing.title, source=airing.source,
            state=airing.state, started_tick=airing.started_tick, ended_tick=airing.ended_tick,
            ended_by=airing.ended_by, origin_tick=airing.origin_tick,
        )

    def armed(self, armed: bool) -> None:
        """Write down that auto-next was armed or disarmed."""
        self.changed = True
        self._journal.append("auto_next", self.tick, armed=armed)

    def act(self, by: str, verb: str, detail: str = "") -> None:
        """Write down who did what."""
        self.changed = True
        self.actions.append(Action(self._timeline.instant_of(self.tick), by, verb, detail))
        self._journal.append("action", self.tick, by=by, verb=verb, detail=detail)
