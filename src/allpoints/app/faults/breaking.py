"""One fault from its cause to the end of what followed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from allpoints.app.faults.fault import Fault
from allpoints.app.faults.house import House, NothingOnAir
from allpoints.app.faults.looking import Looker
from allpoints.app.faults.sight import GIVE_UP, Observer, Seen
from allpoints.app.orders import tell_stage
from allpoints.schedule.model import SourceKind
from allpoints.stage.protocol import Cue, Take

_ = str  # marks what catalogues translate

LOOK_EVERY = 0.1
AIR_PATIENCE = 12.0
BY = "break-it"

Tell = Callable[[Seen], None]


@dataclass(frozen=True)
class Followed:
    """What followed a fault that was caused at ``caused_at`` (monotonic). ``back``: seconds from its undoing until
    all was as before; None when it never was."""

    caused_at: float
    back: float | None
    was_on_slate: bool


def break_it(fault: Fault, house: House, tell: Tell) -> Followed:
    """Cause ``fault``, watch what follows, undo it, and wait until all is as before; ``tell`` hears all of it.

    Blocks for some seconds; belongs on a thread that lives as long as the process. Raises what ``How.caused`` raises.
    """
    bring_on_air(fault, house)
    looker = Looker(house)
    try:
        observer = Observer(looker.look())
        began = house.clock.monotonic()
        with fault.how.caused(house):
            tell(Seen(fault.done))
            while house.clock.monotonic() - began < fault.lasts:
                _watch(house, looker, observer, tell)
        if fault.undone:
            tell(Seen(fault.undone))
        undone_at = house.clock.monotonic()
        observer.undone(looker.look())
        while not observer.over:
            if house.clock.monotonic() > undone_at + GIVE_UP:
                tell(Seen(_("after {seconds} s it is still not as before"), values={"seconds": round(GIVE_UP)}))
                return Followed(began, None, observer.was_on_slate)
            _watch(house, looker, observer, tell)
        over_at = house.clock.monotonic()
        tell(Seen(_("all is as before, {seconds} s after it began"), values={"seconds": round(over_at - began)}))
        return Followed(began, over_at - undone_at, observer.was_on_slate)
    finally:
        looker.close()


def _watch(house: House, looker: Looker, observer: Observer, tell: Tell) -> None:
    for seen in observer.look(looker.look()):
        tell(seen)
    house.clock.sleep(LOOK_EVERY)


def bring_on_air(fault: Fault, house: House) -> None:
    """Put on air what the fault is meant for, if something else is. Raises NothingOnAir and NoSuchProcess."""
    if fault.on_air == "anything":
        return
    wants_live = fault.on_air == "speaker"
    give_up_at = house.clock.monotonic() + AIR_PATIENCE
    while (report := house.report()).on_air.on_slate or _is_live(house, report.on_air.source) != wants_live:
        ready = {source.ref for source in report.sources if source.state in ("ready", "idle", "opening")}
        wanted = next((s.ref for s in house.gathering.sources
                       if (s.kind is SourceKind.RTMP) == wants_live and s.ref in ready), None)
        if house.clock.monotonic() > give_up_at:
            raise NothingOnAir
        if report.next is None or report.next.source is None or _is_live(house, report.next.source) != wants_live:
            if wanted is not None:
                tell_stage(house.folders, Cue(source=wanted, by=BY))
        elif report.next.ready:
            tell_stage(house.folders, Take(key=uuid.uuid4().hex, transition="mix", by=BY))
        house.clock.sleep(0.4)


def _is_live(house: House, ref: str | None) -> bool:
    source = house.source(ref)
    return source is not None and source.kind is SourceKind.RTMP
