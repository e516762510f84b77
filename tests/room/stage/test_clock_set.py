"""The wall clock is set while the stage runs or while it is down: numbers go on, and so does what was on air."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.stand_ins.stage import RememberingTap, TestSources, plain_picture
from tests.stand_ins.theatre import EPOCH, SLATE_SHADE, Theatre

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import Timeline
from allpoints.schedule.model import SourceRef
from allpoints.stage.journal import Recollection
from allpoints.stage.protocol import Publication
from allpoints.stage.room import Stage
from allpoints.stage.rundown import Rundown, RundownItem
from allpoints.stage.tap import ProgramTick

MINUTE, DAY = 60, 24 * 3600
SHADES = {"a": 60, "b": 110}
STEPS = [3 * MINUTE, -3 * MINUTE, 2 * DAY, -2 * DAY]


@pytest.mark.parametrize("step", STEPS)
def test_ticks_follow_one_another_while_the_clock_is_set(tmp_path: Path, step: int) -> None:
    show = Theatre(tmp_path, TestSources(SHADES), [("a", None)], now=EPOCH + timedelta(days=9))
    show.play(100, {40: lambda: show.clock.step(step)})
    assert show.ticks == list(range(show.runs[0], show.runs[0] + 100))
    assert len(show.runs) == 1


@pytest.mark.parametrize("step", [*STEPS, 0])
def test_a_stage_that_stood_still_for_five_seconds_misses_five_seconds_whatever_the_clock_says(
    tmp_path: Path, step: int
) -> None:
    show = Theatre(tmp_path, TestSources(SHADES), [("a", None)], now=EPOCH + timedelta(days=9))

    def stand_still() -> None:
        show.clock.step(step)
        show.clock.advance(5)

    show.play(100, {40: stand_still})
    first, second = show.runs
    resumed = show.ticks.index(second)
    assert resumed == 41
    assert 125 <= second - show.ticks[resumed - 1] <= 125 + 50
    assert show.ticks[resumed:] == list(range(second, second + 59))
    # What is program at a moment has that moment's number, to within the tick.
    assert (show.clock.monotonic() - 5) * 25 == pytest.approx(show.ticks[-1] - first - 125, abs=110)


class TapOf(RememberingTap):
    """Stops the stage after so many ticks."""

    stage: Stage
    ticks_wanted = 60

    def program(self, program: ProgramTick) -> None:
        super().program(program)
        if len(self.ticks) == self.ticks_wanted:
            self.stage._mixer.stop()


@pytest.mark.parametrize("step", [3600, -3600])
def test_what_was_on_air_comes_back_although_the_clock_was_set_while_the_stage_was_down(
    tmp_path: Path, step: int
) -> None:
    """Names tell of the ticks before; a clock that was set back lies an hour behind them."""
    now, timeline = EPOCH + timedelta(days=9), Timeline(EPOCH)
    before = timeline.tick_at(now)
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    folders.journal.write_text("".join(json.dumps(line) + "\n" for line in (
        {"event": "auto_next", "tick": before, "armed": True},
        {"event": "airing", "tick": before - 50, "airing": "x-1", "item": "item-0", "title": "t", "source": "a",
         "state": "on_air", "started_tick": before - 50},
    )))
    tap = TapOf()

    def starts_at(wall: int, _: Recollection) -> int:
        return max(wall, before + 50)

    stage = tap.stage = Stage(
        folders=folders, clock=ManualClock(now + timedelta(seconds=step + 2)), timeline=timeline,
        rundown=Rundown([RundownItem("item-0", "c", "t", SourceRef("a"), 4 * 3600 * 25)]),
        sources=TestSources(SHADES), slate_picture=plain_picture(SLATE_SHADE), loss_grace=0.25, taps=[tap],
        starts_at=starts_at, publication=lambda: Publication(0, False, None, None, None, []),
        on_dump=lambda _: None, dumped_until_tick=lambda: 0,
    )
    stage.start()
    stage._thread.join(20)
    stage.stop()
    assert tap.shades[-1] == SHADES["a"]
    assert min(tap.ticks) >= before + 50
