"""Recordings as they are told at a terminal: the forecast, the table, and what cannot be exported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.stand_ins.flv_pieces import write_piece
from tests.stand_ins.gatherings import gathering_of, live_source

from allpoints.app.command_line import main
from allpoints.app.doctor.finding import Finding, Verdict
from allpoints.app.doctor.recording import check_recording, expected_rates
from allpoints.contribute.recording.gaps import Gap, GapLog
from allpoints.contribute.recording.pieces import sources_folder
from allpoints.contribute.recording.state import RecordingState, TrackState, write_state
from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.storage import open_storage
from allpoints.schedule.store import seed_once

NOW = datetime(2031, 3, 1, 6, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    return folders


def settings(**given: str) -> Settings:
    return Settings.read(given, {})


def run(folders: Folders, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--data", str(folders.data)])


def examined(folders: Folders, **given: str) -> list[Finding]:
    return list(check_recording(settings(**given), folders, ManualClock(NOW)))


def test_the_doctor_tells_how_long_the_disk_lasts_at_the_rate_of_the_recorder(folders: Folders) -> None:
    track = TrackState("program", "program", "recording", bytes_per_second=10**6)
    write_state(folders, RecordingState(NOW, [track], 10**11, 10**12, 40_800))
    (finding,) = examined(folders)
    assert finding.says == "11 h 20 min left at this rate (8.0 Mb/s)"
    assert finding.verdict is Verdict.WARN
    stopped = TrackState("harbour", "sources", "stopped", code="disk_short")
    write_state(folders, RecordingState(NOW, [track, stopped], 10**11, 10**12, 40_800))
    assert "harbour is not recorded: the disk was nearly full" in [finding.says for finding in examined(folders)]


def test_before_anything_runs_the_forecast_is_made_from_settings_and_plan(folders: Folders) -> None:
    assert set(expected_rates(settings(), folders)) == {"program"}
    storage = open_storage(folders)
    seed_once(storage, gathering_of([live_source("harbour"), live_source("reef", "another-key")], NOW), NOW)
    storage.close()
    rates = expected_rates(settings(record_clean="on"), folders)
    assert rates == {"program": 233_000.0, "clean": 233_000.0, "sources": 1_000_000.0}
    assert "left at this rate (11.7 Mb/s)" in examined(folders, record_clean="on")[0].says
    nothing = examined(folders, record_program="off", record_sources="off")
    assert [finding.says for finding in nothing] == ["switched off"]


def test_the_table_tells_what_there_is_and_what_is_missing(folders: Folders) -> None:
    assert run(folders, "record", "list").output.startswith("Nothing is recorded in ")
    folder = sources_folder(folders) / "harbour"
    for number in (0, 1, 4):
        write_piece(folder, NOW + timedelta(seconds=10 * number), 250 * number, first_ms=10_000 * number)
    GapLog(folders).tell(Gap("harbour", NOW + timedelta(seconds=20), NOW + timedelta(seconds=40), "dumped"))
    header, row, gap = run(folders, "record", "list").output.splitlines()
    assert header.split() == ["what", "from", "until", "length", "size", "gaps"]
    assert row.split()[0] == "harbour"
    assert " 0 min 30 s " in row
    assert row.split()[-1] == "1"
    assert gap.startswith("harbour: nothing from ")
    assert gap.endswith(" for 0 min 20 s: erased by a dump")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("record", "export", "out.mp4"), "Nothing of “program” is recorded there."),
        (("record", "export", "out.mp4", "--from", "half past six"), "“half past six” is no moment."),
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_sentence(
    folders: Folders, words: tuple[str, ...], said: str
) -> None:
    refused = run(folders, *words)
    assert refused.exit_code == 2
    assert refused.output.startswith(said)
