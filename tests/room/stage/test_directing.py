"""Takes, losses and the clock, seen from the program: what the audience would have got, tick by tick."""

from itertools import pairwise
from pathlib import Path

import numpy as np
from tests.stand_ins.stage import TestSources
from tests.stand_ins.theatre import SLATE_SHADE, Theatre

from allpoints.contribute.source import SourceState
from allpoints.kernel.errors import AllpointsError
from allpoints.stage.airing import AiringState
from allpoints.stage.journal import read_lines
from allpoints.stage.protocol import ArmAutoNext, Cue, Dump, Panic, Take

A, B, C = 60, 110, 160
SHADES = {"a": A, "b": B, "c": C}


def theatre(folder: Path, *rows: tuple[str, int | None], loops: bool = False, **sources: object) -> Theatre:
    return Theatre(folder, TestSources(SHADES, **sources), list(rows) or [("a", None), ("b", None)], loops=loops)  # type: ignore[arg-type]


def largest_step(show: Theatre) -> float:
    """The largest jump between neighbouring samples of program over all ticks: a click is a large one."""
    sound = np.concatenate(show.sound)[:, 0]
    return float(np.abs(np.diff(sound)).max())


def test_ticks_follow_one_another_from_a_segment_boundary(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(120)
    assert show.runs[0] % 50 == 0
    assert show.ticks == list(range(show.runs[0], show.runs[0] + 120))


def test_the_air_is_slate_until_somebody_takes(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(10)
    assert set(show.shades) == {SLATE_SHADE}


def test_a_take_is_on_air_on_the_next_tick(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(10, {4: show.ask(Take())})
    assert show.shades == [SLATE_SHADE] * 5 + [A] * 5
    assert show.reply(0).ok


def test_the_slate_can_be_an_item_of_the_rundown(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("slate", 20), ("a", None))
    show.play(60, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take())})
    assert show.director.log.last_states["item-0"] is AiringState.AIRED
    assert show.shades[-1] == A


def test_a_clock_that_went_back_is_not_waited_for(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.mixer._starts_at = lambda wall: wall + 90_000  # names tell of ticks an hour ahead of the wall clock
    began = show.clock.monotonic()
    show.play(10)
    assert show.ticks[0] >= 90_000
    assert show.clock.monotonic() - began < 3


class _NotWritten(AllpointsError):
    code = "not_written"


def test_a_dump_that_cannot_be_written_is_said_and_slate_is_on_air(tmp_path: Path) -> None:
    show = theatre(tmp_path)

    def full(_: int) -> None:
        raise _NotWritten

    show.director._on_dump = full
    show.play(20, {4: show.ask(Take()), 10: show.ask(Dump())})
    refusal = show.reply(1).refusal
    assert refusal is not None
    assert refusal.code == "not_written"
    assert show.shades[-1] == SLATE_SHADE


def test_a_take_cues_what_follows(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(10, {4: show.ask(Take())})
    assert show.director.next is not None
    assert show.director.next.airing.item == "item-1"


def test_a_mix_dissolves_from_one_picture_to_the_other(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(80, {4: show.ask(Take()), 40: show.ask(Take(transition="mix"))})
    middle = show.shades[41:52]
    assert all(A < shade < B for shade in middle)
    assert middle == sorted(middle)
    assert show.shades[53:] == [B] * (80 - 53)


def test_no_take_clicks(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(130, {
        4: show.ask(Take()), 40: show.ask(Take(transition="mix")), 70: show.ask(Cue(source="c")),
        71: show.ask(Take()), 100: show.ask(Panic()),
    })
    steady = 0.5 * 2 * np.pi * (300 + C) / 48_000  # the steepest of the tones by itself
    assert largest_step(show) < 2.5 * steady


def test_a_take_in_the_middle_of_a_mix_leaves_no_hole(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(100, {4: show.ask(Take()), 40: show.ask(Take(transition="mix")), 41: show.ask(Cue(source="c")),
                    66: show.ask(Take(transition="mix")), 70: show.ask(Panic())})
    assert show.shades[71:] == [SLATE_SHADE] * (100 - 71)
    assert show.ticks == list(range(show.ticks[0], show.ticks[0] + 100))


def test_a_second_take_within_a_second_is_refused(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(20, {4: show.ask(Take()), 6: show.ask(Take())})
    second = show.reply(1)
    assert not second.ok
    assert second.refusal is not None
    assert second.refusal.code == "too_soon"
    assert show.shades[-1] == A


def test_a_take_from_a_screen_that_is_behind_is_refused(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(60, {4: show.ask(Take()), 40: show.ask(Take(airing="long gone"))})
    refusal = show.reply(1).refusal
    assert refusal is not None
    assert refusal.code == "stale_take"
    assert show.shades[-1] == A


def test_a_repeated_key_takes_once(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(80, {4: show.ask(Take(key="k")), 50: show.ask(Take(key="k"))})
    assert show.reply(0).airing == show.reply(1).airing
    assert show.shades[-1] == A


def test_panic_and_dump_are_exempt_from_every_guard(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(20, {4: show.ask(Take()), 5: show.ask(Panic()), 6: show.ask(Dump())})
    assert show.reply(1).ok
    assert show.reply(2).ok
    assert show.shades[6:] == [SLATE_SHADE] * 14
    assert show.dumps == [show.ticks[7]]


def test_panic_disarms_auto_next(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", 20), ("b", 20))
    show.play(90, {4: show.ask(Take()), 5: show.ask(ArmAutoNext(armed=True)), 10: show.ask(Panic())})
    assert show.shades[12:] == [SLATE_SHADE] * 78


def test_a_source_without_a_picture_is_aired_when_it_has_one(tmp_path: Path) -> None:
    show = theatre(tmp_path, first_state=SourceState.OPENING)

    def opens() -> None:
        show.sources.newest("a").state = SourceState.READY

    show.play(30, {4: show.ask(Take()), 14: opens})
    assert show.shades == [SLATE_SHADE] * 15 + [A] * 15


def test_a_waiting_live_source_is_not_taken(tmp_path: Path) -> None:
    show = theatre(tmp_path, first_state=SourceState.WAITING)
    show.play(10, {4: show.ask(Take())})
    refusal = show.reply(0).refusal
    assert refusal is not None
    assert refusal.code == "not_ready"


def test_a_lost_source_is_held_for_its_grace_then_slate(tmp_path: Path) -> None:
    show = theatre(tmp_path)

    def lost() -> None:
        show.sources.newest("a").state = SourceState.LOST

    show.play(40, {4: show.ask(Take()), 14: lost})
    held = 6  # 0.25 s
    assert show.shades[5 : 15 + held] == [A] * (10 + held)
    assert show.shades[15 + held + 1 :] == [SLATE_SHADE] * (40 - 16 - held)
    assert show.director.log.last_states["item-0"] is AiringState.AIRED


def test_a_lost_source_that_comes_back_is_taken_again_when_auto_next_is_armed(tmp_path: Path) -> None:
    show = theatre(tmp_path)

    def becomes(state: SourceState) -> None:
        show.sources.newest("a").state = state

    show.play(80, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take()), 14: lambda: becomes(SourceState.LOST),
                   50: lambda: becomes(SourceState.READY)})
    assert show.shades[40] == SLATE_SHADE
    assert show.shades[-1] == A
    airings = {line["airing"] for line in read_lines(show.path) if line.get("state") == "on_air"}
    assert len(airings) == 2


def test_a_lost_source_that_comes_back_waits_for_the_director_when_auto_next_is_not_armed(tmp_path: Path) -> None:
    show = theatre(tmp_path)

    def becomes(state: SourceState) -> None:
        show.sources.newest("a").state = state

    show.play(80, {4: show.ask(Take()), 14: lambda: becomes(SourceState.LOST),
                   50: lambda: becomes(SourceState.READY)})
    assert show.shades[-1] == SLATE_SHADE


def test_a_feed_that_raises_is_a_lost_source(tmp_path: Path) -> None:
    show = theatre(tmp_path)

    def breaks() -> None:
        show.sources.newest("a").raises = True

    show.play(40, {4: show.ask(Take()), 14: breaks})
    assert show.shades[-1] == SLATE_SHADE
    assert len(show.ticks) == 40


def test_auto_next_follows_the_clock(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", 50), ("b", 50), ("c", None))
    show.play(180, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take())})
    started = {line["item"]: line["started_tick"] for line in read_lines(show.path) if line.get("state") == "on_air"}
    assert started["item-1"] - started["item-0"] == 50
    assert started["item-2"] - started["item-1"] == 50
    assert show.shades[-1] == C


def test_a_file_that_ends_is_followed_by_the_next_without_slate(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", None), ("b", None), lasts=30)
    show.play(60, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take())})
    assert SLATE_SHADE not in show.shades[5:]
    assert show.shades[-1] == B


def test_a_file_that_ends_with_nothing_armed_leaves_to_slate(tmp_path: Path) -> None:
    show = theatre(tmp_path, lasts=30)
    show.play(60, {4: show.ask(Take())})
    assert show.shades[-1] == SLATE_SHADE


def test_every_feed_that_left_the_air_is_closed(tmp_path: Path) -> None:
    show = theatre(tmp_path, ("a", 30), ("b", 30), loops=True)
    show.play(300, {3: show.ask(ArmAutoNext(armed=True)), 4: show.ask(Take())})
    still_open = [feed for feed in show.sources.feeds if not feed.closed]
    assert len(still_open) == 2  # on air and next


def test_off_air_feeds_are_kept_trimmed(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(20)
    assert show.sources.newest("a").idled == 20


def test_a_restarted_stage_comes_back_with_what_was_on(tmp_path: Path) -> None:
    theatre(tmp_path).play(1)
    first = theatre(tmp_path)
    first.play(20, {4: first.ask(Take())})
    again = theatre(tmp_path)
    again.play(5)
    assert again.shades == [A] * 5


def test_a_restarted_stage_jumps_to_where_the_plan_is_now(tmp_path: Path) -> None:
    first = theatre(tmp_path, ("a", 100), ("b", 100), ("c", 100))
    first.play(20, {3: first.ask(ArmAutoNext(armed=True)), 4: first.ask(Take())})
    again = theatre(tmp_path, ("a", 100), ("b", 100), ("c", 100))
    again.clock.advance(11)  # tick 275: the third item's time began at 255
    again.play(5)
    assert again.shades == [C] * 5


def test_a_restarted_stage_that_was_on_slate_stays_on_slate(tmp_path: Path) -> None:
    first = theatre(tmp_path)
    first.play(20, {4: first.ask(Take()), 8: first.ask(Panic())})
    again = theatre(tmp_path)
    again.play(5)
    assert set(again.shades) == {SLATE_SHADE}


def test_a_mixer_that_slept_starts_a_new_run_at_a_later_boundary(tmp_path: Path) -> None:
    show = theatre(tmp_path)
    show.play(60, {20: lambda: show.clock.advance(30)})
    assert len(show.runs) == 2
    assert show.runs[1] % 50 == 0
    steps = {after - before for before, after in pairwise(show.ticks)}
    assert min(steps) == 1
    assert len(show.ticks) < 100
