"""What the demo's director does, and when it leaves the stage to people."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from allpoints.app.demo_director import next_act
from allpoints.stage.protocol import (
    Cue,
    Next,
    OnAir,
    Publication,
    RundownRow,
    SourceReport,
    StageReport,
)


def source(ref: str, state: str) -> SourceReport:
    return SourceReport(ref, ref, "file", state, "", {}, "", (-120.0, -120.0), False, False)


SLATE = OnAir(None, None, "", None, "on_air", None, None, True, (-120.0, -120.0))
REPORT = StageReport(
    at=datetime(2030, 5, 1, tzinfo=UTC), tick=100, on_air=SLATE, next=None, auto_next_armed=True, auto_next_at=None,
    rundown=[RundownRow(f"item-{name}", "", "", name, 1000, None) for name in ("a", "b", "c")],
    sources=[source("a", "refused"), source("b", "idle"), source("c", "waiting")],
    publication=Publication(0, False, None, None, None, []), actions=[],
)


def report(**changes: object) -> StageReport:
    return msgspec.structs.replace(REPORT, **changes)


def cued(name: str, *, ready: bool) -> Next:
    return Next(f"item-{name}", "", name, ready, [])


def test_what_is_ready_is_left_to_auto_next() -> None:
    assert next_act(report(next=cued("b", ready=True))) is None


def test_what_cannot_air_is_passed_over_for_the_next_that_can() -> None:
    act = next_act(report(next=cued("c", ready=False)))
    assert isinstance(act, Cue)
    assert act.item == "item-b"


def test_before_anything_has_aired_the_first_that_can_is_chosen() -> None:
    able = [source("a", "idle"), source("b", "refused"), source("c", "idle")]
    assert next_act(report(next=cued("b", ready=False), sources=able)) == Cue(item="item-a", by="demo")
    begun = [RundownRow(row.item, "", "", row.source, 1000, "aired") for row in REPORT.rundown]
    later = next_act(report(next=cued("b", ready=False), sources=able, rundown=begun))
    assert later == Cue(item="item-c", by="demo")


def test_what_is_opening_is_waited_for() -> None:
    assert next_act(report(next=cued("b", ready=False))) is None


def test_where_nothing_can_air_nothing_is_done() -> None:
    nothing = [source(name, "refused") for name in ("a", "b", "c")]
    assert next_act(report(next=cued("a", ready=False), sources=nothing)) is None


def test_a_person_who_disarmed_auto_next_is_left_alone() -> None:
    assert next_act(report(next=cued("c", ready=False), auto_next_armed=False)) is None


def test_an_item_on_air_or_being_taken_is_left_alone() -> None:
    on_air = msgspec.structs.replace(SLATE, airing="1", on_slate=False)
    taking = msgspec.structs.replace(SLATE, airing="1", state="taking")
    assert next_act(report(next=cued("c", ready=False), on_air=on_air)) is None
    assert next_act(report(next=cued("c", ready=False), on_air=taking)) is None
