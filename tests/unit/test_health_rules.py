"""What is worth an alarm: each rule finds its own trouble in a snapshot, and nothing in a healthy one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from tests.stand_ins.health import NOW, healthy, with_report

from allpoints.contribute.recording.state import RecordingState, TrackState
from allpoints.kernel.text.translations import LANGUAGES, for_language
from allpoints.publish.simulcast.report import ReceiverState, SimulcastReport
from allpoints.web.health.alarms import Alarm, Board, told
from allpoints.web.health.rules import RULES, Findings, Rule, look_at
from allpoints.web.health.snapshot import (
    Process,
    Rendition,
    Snapshot,
    Space,
    Standby,
)

GB = 1_000_000_000


def recording(*tracks: TrackState, seconds_left: int | None = None) -> RecordingState:
    return RecordingState(NOW, list(tracks), 50 * GB, 100 * GB, seconds_left)


ILL: dict[str, tuple[Snapshot, set[str]]] = {
    "stage_down": (replace(healthy(), report=None, silent_s=4.0), {""}),
    "stage_late": (with_report(health={"late_p99_ms": 31.0}), {""}),
    "nothing_released": (replace(healthy(), renditions=[Rendition("a64", 10, 9.0, 0)]), {""}),
    "rendition_behind": (
        replace(healthy(), renditions=[Rendition("a64", 10, 1.0, 0), Rendition("v720", 4, 12.0, 0)]), {"v720"}),
    "segments_missing": (replace(healthy(), renditions=[Rendition("a64", 10, 1.0, 2)]), {""}),
    "encoder_behind": (with_report(publication={"backlog_ticks": 30}), {""}),
    "program_black": (with_report(health={"black_ms": 11_000}), {""}),
    "program_frozen": (with_report(health={"frozen_ms": 31_000}), {""}),
    "program_silent": (with_report(health={"silent_ms": 31_000}), {""}),
    "source_lost": (with_report(health={"lost_source": "harbour-live"}), {"harbour-live"}),
    "next_not_ready": (with_report(on_air={"remaining_ms": 40_000}, next={"ready": False}), {""}),
    "wrong_keys": (replace(healthy(), wrong_keys=10), {""}),
    "ingest_down": (replace(healthy(), ingest=None), {""}),
    "process_restarting": (replace(healthy(), starts={"stage": 3, "web": 2}), {"stage"}),
    "journal_lagging": (with_report(health={"journal_lagging": True}), {""}),
    "disk_short": (replace(healthy(), disk=Space(GB, 100 * GB)), {""}),
    "memory_short": (replace(healthy(), memory=Space(60_000_000, GB)), {""}),
    "recording_stopped": (
        replace(healthy(), recording=recording(TrackState("program", "program", "stopped", code="disk_full"),
                                             TrackState("harbour-live", "sources", "waiting"))), {"program"}),
    "receiver_failing": (
        replace(healthy(), simulcast=SimulcastReport(NOW, [
            ReceiverState("tv", "refused", NOW), ReceiverState("radio", "sending", NOW)])), {"tv"}),
    "clock_stepped": (with_report(health={"clock_step_ms": -3_600_000}), {""}),
    "descriptors_short": (replace(healthy(), processes=[Process("web", 7, 1, 900, 1024)]), {"web"}),
    "peer_unreachable": (replace(healthy(), standby=Standby(NOW, "on_air", NOW - timedelta(seconds=9))), {""}),
}


def test_a_healthy_gathering_has_no_alarm() -> None:
    assert {code: found for code, found in look_at(healthy()).items() if found} == {}


def test_every_rule_is_tried_here() -> None:
    assert set(ILL) == {rule.code for rule in RULES}


@pytest.mark.parametrize("code", ILL)
def test_a_rule_finds_its_trouble_and_whom_it_concerns(code: str) -> None:
    snapshot, subjects = ILL[code]
    found = look_at(snapshot)[code]
    assert found is not None
    assert set(found) == subjects
    others = {other for other, findings in look_at(snapshot).items() if findings and other != code}
    assert not others


@pytest.mark.parametrize("code", ILL)
def test_it_is_raised_when_it_lasts_and_cleared_when_it_is_gone_for_a_while(code: str) -> None:
    rule = next(rule for rule in RULES if rule.code == code)
    snapshot, _ = ILL[code]
    ill, well = {code: look_at(snapshot)[code]}, {code: look_at(healthy())[code]}
    board = at(Board(), ill, 0)
    if rule.raise_after:
        assert not board.alarms
        board = at(board, ill, rule.raise_after - 0.5)
        assert not board.alarms
        assert not at(at(board, well, rule.raise_after - 0.2), ill, rule.raise_after).alarms, "it begins anew"
    board = at(board, ill, rule.raise_after)
    assert [alarm.code for alarm in board.alarms] == [code]
    gone = rule.raise_after + rule.clear_after
    held = at(board, well, gone - 0.5)
    assert held.alarms
    assert held.alarms[0].since == NOW
    assert at(at(held, ill, gone - 0.2), well, gone + 0.2).alarms, "a flicker keeps it standing"
    assert not at(held, well, gone).alarms


def at(board: Board, found: dict[str, Findings], second: float) -> Board:
    return board.after(found, NOW + timedelta(seconds=second), second)


def test_what_only_the_stage_can_tell_is_kept_while_it_is_silent() -> None:
    silent = look_at(replace(healthy(), report=None))
    assert silent["source_lost"] is None
    board = at(Board(), {"source_lost": {"harbour-live": {"source": "Harbour"}}}, 0)
    board = at(board, {"source_lost": None}, 600)
    assert [alarm.code for alarm in board.alarms] == ["source_lost"]
    assert not at(at(board, {"source_lost": {}}, 601), {"source_lost": {}}, 603).alarms


def test_what_has_not_lasted_begins_anew_after_a_silence() -> None:
    late: dict[str, Findings] = {"stage_late": {"": {"milliseconds": 40}}}
    board = at(at(Board(), late, 0), {"stage_late": None}, 5)
    assert not at(board, late, 11).alarms


def test_slates_and_stills_may_be_dark_silent_and_still() -> None:
    quiet = {"black_ms": 99_000, "frozen_ms": 99_000, "silent_ms": 99_000}
    for snapshot in (with_report(health=quiet, on_air={"on_slate": True}),
                     with_report(health=quiet, on_air={"source": "a-still"})):
        assert not any(look_at(snapshot)[f"program_{what}"] for what in ("black", "frozen", "silent"))


def test_the_forecast_of_the_disk_counts_too() -> None:
    soon = replace(healthy(), recording=recording(seconds_left=2 * 3600 + 240))
    assert look_at(soon)["disk_short"] == {"": {"gigabytes": 50.0, "hours": 2}}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_alarm_has_an_owner_and_a_next_step_in_every_language(rule: Rule) -> None:
    found = rule.look(ILL[rule.code][0])
    assert found
    subject, values = next(iter(found.items()))
    for tag in LANGUAGES:
        said = told(Alarm(rule.code, subject, NOW, dict(values)), for_language(tag))
        assert said.owner
        assert said.next_step
        assert "{" not in said.sentence + said.next_step


def test_urgent_ones_come_first_then_the_oldest() -> None:
    board = Board()
    for second, code in enumerate(("wrong_keys", "clock_stepped", "source_lost", "program_black")):
        board = at(board, dict.fromkeys(ILL) | {code: {"": {}}}, second)
    assert [alarm.code for alarm in board.alarms] == ["source_lost", "program_black", "wrong_keys", "clock_stepped"]


def test_a_successor_knows_since_when_an_alarm_stands() -> None:
    before = Alarm("source_lost", "harbour-live", NOW - timedelta(hours=1), {"source": "Harbour"})
    board = Board.of([before, Alarm("of_another_version", "", NOW)], 1000.0)
    board = at(board, {"source_lost": {"harbour-live": {"source": "Harbour"}}}, 1001)
    assert board.alarms == [before]
