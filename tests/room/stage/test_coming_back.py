"""After a restart, a loss or a sleep: what is on air again, from which place, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.stand_ins.stage import TestSources
from tests.stand_ins.theatre import SLATE_SHADE, Theatre

from allpoints.contribute.source import SourceState
from allpoints.stage.journal import read_lines
from allpoints.stage.protocol import ArmAutoNext, Cue, Panic, Take

A, B, C = 60, 110, 160
SHADES = {"a": A, "b": B, "c": C}


def theatre(folder: Path, *rows: tuple[str, int | None], loops: bool = False, **sources: Any) -> Theatre:
    return Theatre(folder, TestSources(SHADES, **sources), list(rows) or [("a", None), ("b", None)], loops=loops)


def started(show: Theatre) -> dict[str, int]:
    """The tick at which each item was last put on air."""
    return {line["item"]: line["started_tick"] for line in read_lines(show.path) if line.get("state") == "on_air"}


def becomes(show: Theatre, ref: str, state: SourceState) -> Callable[[], None]:
    def change() -> None:
        show.sources.newest(ref).state = state

    return change


def test_a_restarted_stage_joins_a_film_where_the_clock_is_and_ends_it_when_planned(tmp_path: Path) -> None:
    plan: tuple[tuple[str, int | None], ...] = (("a", 400), ("b", 100))
    first = theatre(tmp_path, *plan, kind="file")
    first.play(20, {3: first.ask(ArmAutoNext(armed=True)), 4: first.ask(Take())})
    began = started(first)["item-0"]
    again = theatre(tmp_path, *plan, kind="file")
    again.clock.advance(8)
    again.play(250)
    assert again.shades[0] == A
    assert again.sources.feeds[0].opened_at == again.ticks[0] - began
    assert started(again)["item-1"] == began + 400
    third = theatre(tmp_path, *plan, kind="file")  # a restart of a stage that had itself joined late
    third.clock.advance(19)
    third.play(20)
    assert third.sources.feeds[0].opened_at == third.ticks[0] - (began + 400)


def test_where_the_plan_moved_on_the_due_item_is_joined_at_its_own_place(tmp_path: Path) -> None:
    plan: tuple[tuple[str, int | None], ...] = (("a", 100), ("b", 100), ("c", 100))
    first = theatre(tmp_path, *plan, kind="file")
    first.play(20, {3: first.ask(ArmAutoNext(armed=True)), 4: first.ask(Take())})
    began = started(first)["item-0"]
    again = theatre(tmp_path, *plan, kind="file")
    again.clock.advance(10)
    again.play(5)
    assert again.shades == [C] * 5
    assert again.sources.feeds[0].opened_at == again.ticks[0] - (began + 200)


def test_where_the_rundown_ended_meanwhile_slate_is_on(tmp_path: Path) -> None:
    first = theatre(tmp_path, ("a", 100), ("b", 100))
    first.play(20, {3: first.ask(ArmAutoNext(armed=True)), 4: first.ask(Take())})
    again = theatre(tmp_path, ("a", 100), ("b", 100))
    again.clock.advance(60)
    again.play(5)
    assert set(again.shades) == {SLATE_SHADE}


def test_a_source_that_the_plan_no_longer_has_leaves_slate_and_no_crash(tmp_path: Path) -> None:
    first = theatre(tmp_path)
    first.play(20, {3: first.ask(Cue(source="c")), 4: first.ask(Take())})
    again = Theatre(tmp_path, TestSources({"a": A, "b": B}), [("a", None), ("b", None)])
    again.play(5)
    assert set(again.shades) == {SLATE_SHADE}


def test_a_film_whose_child_was_lost_comes_back_by_itself_and_ends_when_planned(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", 200), ("b", None), kind="file")
    show.play(150, {4: show.ask(Take()), 20: becomes(show, "a", SourceState.LOST),
                    60: becomes(show, "a", SourceState.READY)})
    assert SLATE_SHADE in show.shades[28:60]
    assert show.shades[80] == A  # nobody armed anything
    began = started(show)["item-0"]
    origins = {line["origin_tick"] for line in read_lines(show.path) if line.get("state") == "on_air"}
    assert len(origins) == 1
    assert began > origins.pop()


def test_panic_while_a_film_is_lost_is_the_last_word(tmp_path: Path) -> None:
    show = theatre(tmp_path, kind="file")
    show.play(90, {4: show.ask(Take()), 20: becomes(show, "a", SourceState.LOST), 40: show.ask(Panic()),
                   60: becomes(show, "a", SourceState.READY)})
    assert show.shades[-1] == SLATE_SHADE
    again = theatre(tmp_path, kind="file")
    again.play(5)
    assert set(again.shades) == {SLATE_SHADE}


def test_a_stage_that_died_while_a_film_was_lost_brings_it_back_and_a_live_source_only_when_armed(
    tmp_path: Path,
) -> None:
    for kind, armed, shade in (("file", False, A), ("rtmp", False, SLATE_SHADE), ("rtmp", True, A)):
        folder = tmp_path / f"{kind}-{armed}"
        folder.mkdir()
        show = theatre(folder, ("a", 10_000), ("b", None), kind=kind)
        show.play(60, {3: show.ask(ArmAutoNext(armed=armed)), 4: show.ask(Take()),
                       20: becomes(show, "a", SourceState.LOST)})
        assert show.shades[-1] == SLATE_SHADE
        again = theatre(folder, ("a", 10_000), ("b", None), kind=kind)
        again.play(5)
        assert set(again.shades) == {shade}


def test_a_source_that_comes_and_goes_is_taken_ever_more_rarely(tmp_path: Path) -> None:
    show = theatre(tmp_path, kind="file")
    script: dict[int, Callable[[], object]] = {4: show.ask(Take())}

    def flap() -> None:
        feed = show.sources.newest("a")
        on_slate = show.director.on_air is None
        feed.state = SourceState.READY if on_slate else SourceState.LOST

    for tick in range(20, 1500, 10):
        script[tick] = flap
    show.play(1500, script)
    returns = [tick for tick, (before, now) in enumerate(pairwise(show.shades))
               if before == SLATE_SHADE != now][1:]
    waits = [later - earlier for earlier, later in pairwise(returns)]
    assert len(returns) >= 4
    assert waits == sorted(waits)
    assert waits[-1] > 4 * waits[0]


def test_an_armed_auto_next_that_found_next_not_ready_takes_it_as_soon_as_it_is(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", None), ("b", None), lasts=30)
    show.play(120, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take()),
                    6: becomes(show, "b", SourceState.OPENING), 80: becomes(show, "b", SourceState.READY)})
    assert show.shades[60] == SLATE_SHADE
    assert show.shades[100] == B


def test_arming_auto_next_alone_begins_nothing(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(60, {3: show.ask(ArmAutoNext(armed=True))})
    assert set(show.shades) == {SLATE_SHADE}


def test_what_a_disarmed_auto_next_owed_is_not_taken(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", None), ("b", None), lasts=30)
    show.play(120, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take()),
                    6: becomes(show, "b", SourceState.OPENING), 60: show.ask(ArmAutoNext(armed=False)),
                    70: show.ask(ArmAutoNext(armed=True)), 80: becomes(show, "b", SourceState.READY)})
    assert show.shades[-1] == SLATE_SHADE


def test_a_restarted_stage_whose_item_cannot_be_had_takes_the_next_as_soon_as_it_can(tmp_path: Path) -> None:
    first = theatre(tmp_path, ("a", 1000), ("b", 100))
    first.play(20, {3: first.ask(ArmAutoNext(armed=True)), 4: first.ask(Take())})
    again = theatre(tmp_path, ("a", 1000), ("b", 100))
    again.sources.first_state = SourceState.REFUSED
    again.play(60, {20: becomes(again, "b", SourceState.READY)})
    assert again.shades[10] == SLATE_SHADE
    assert again.shades[-1] == B


def test_after_the_machine_slept_the_film_is_where_the_clock_is(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", 5000), ("b", None), kind="file")
    show.play(80, {4: show.ask(Take()), 20: lambda: show.clock.advance(30)})
    assert len(show.runs) == 2
    feed = show.sources.newest("a")
    assert feed.opened_at == show.runs[1] - started_first(show)
    assert show.shades[-1] == A


def started_first(show: Theatre) -> int:
    return next(int(line["started_tick"]) for line in read_lines(show.path) if line.get("state") == "on_air")
