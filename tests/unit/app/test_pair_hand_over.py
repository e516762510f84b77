"""The machine that handed the air over, when the other goes on air and dies before it has released anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from msgspec.structs import replace
from tests.stand_ins.gatherings import gathering_of

from allpoints.app.pair import Pair
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log
from allpoints.kernel.settings import Settings
from allpoints.kernel.timeline import Timeline
from allpoints.publish.air import Air, Role
from allpoints.publish.dumps import decisions, dumped_until_tick, record_dump
from allpoints.publish.hearing import Heard
from allpoints.publish.peer import PeerState
from allpoints.publish.publisher import Publisher
from allpoints.publish.takeover import LEAST_ASKED, Signs

NOW = datetime(2031, 3, 1, tzinfo=UTC)
ENDS = 100


@pytest.fixture
def leaving(tmp_path: Path) -> tuple[Pair, Heard]:
    """A first machine that has left the air to generation 2 with segment ENDS, and has heard it go on air."""
    folders = Folders.beneath(tmp_path / "north")
    folders.make()
    settings = Settings.read({"data": str(folders.data), "peer": "http://127.0.0.1:9", "standby_key": "two lamps"})
    clock = SystemClock()
    pair = Pair(settings, folders, gathering_of([], NOW), clock, cast(Log, SimpleNamespace(say=print, trouble=print)))
    pair.air = Air(1, Role.ON_AIR, "north", NOW, ends=ENDS)
    other = PeerState(Air(2, Role.ON_AIR, "south", NOW, ENDS), NOW, NOW, "", "", [], [], 0, {}, ENDS - 1)
    long_ago = clock.monotonic() - settings.takeover_after
    heard = Heard(Signs(long_ago, long_ago, ENDS - 1), other)
    return pair, heard


@pytest.mark.parametrize(("missed", "has_left", "stands_by"), [
    (0, True, False), (LEAST_ASKED, False, False), (LEAST_ASKED, True, True),
])
def test_who_handed_over_to_one_that_died_before_its_first_segment_stands_by_to_succeed_it(
    leaving: tuple[Pair, Heard], monkeypatch: pytest.MonkeyPatch, missed: int, has_left: bool, stands_by: bool
) -> None:
    pair, heard = leaving
    told = Heard(Signs(heard.signs.at, heard.signs.moved_at, heard.signs.newest, missed), heard.state)
    monkeypatch.setattr(pair, "_hearing", SimpleNamespace(now=lambda: told))
    publisher = cast(Publisher, SimpleNamespace(has_left=has_left))
    assert pair.turn(publisher) is stands_by
    assert pair.air.role is (Role.STANDBY if stands_by else Role.ON_AIR)
    assert pair.air.generation == (2 if stands_by else 1)


@pytest.mark.parametrize(("did_retreat", "seconds_ago", "leaves"), [
    (True, 0, False), (False, 0, True), (False, 30, True), (False, 120, False),
])
def test_a_dump_decided_on_the_other_machine_holds_here_and_is_left_here_where_nobody_left_it_there(
    leaving: tuple[Pair, Heard], tmp_path: Path, did_retreat: bool, seconds_ago: int, leaves: bool
) -> None:
    pair, heard = leaving
    north, south = Folders.beneath(tmp_path / "north"), Folders.beneath(tmp_path / "south")
    south.make()
    record_dump(south, ENDS * 50 + 10, retreated=did_retreat)
    assert heard.state
    epoch = pair._gathering.epoch
    told = replace(
        heard.state, dumps=list(decisions(south)[0]), plan=pair._plan, epoch=epoch,
        at=Timeline(epoch).instant_of((ENDS + 1) * 50) + timedelta(seconds=seconds_ago),
    )
    pair._tell_follower(told)
    pair._tell_follower(told)
    assert dumped_until_tick(north) == dumped_until_tick(south) > 0
    assert [not decision.retreated for decision in decisions(north)[0]] == [leaves]
