"""The commands that end by themselves, as a person meets them."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from allpoints import __version__
from allpoints.app.command_line import main
from allpoints.app.demo_plan import plan_demo
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.publish.dumps import dumps_path
from allpoints.schedule.gathering_file import load_gathering_file
from allpoints.schedule.store import load_gathering, seed_once
from allpoints.staff import Door, WrongSecret


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_version_is_told() -> None:
    assert run("--version").output.startswith(f"allpoints {__version__}")


def test_init_writes_a_file_that_check_finds_good(here: Path) -> None:
    assert run("init").exit_code == 0
    checked = run("check")
    assert checked.exit_code == 0
    assert checked.output == "gathering.toml is good.\n"


def test_init_never_writes_over_a_file(here: Path) -> None:
    (here / "gathering.toml").write_text("mine")
    refused = run("init")
    assert refused.exit_code == 1
    assert "is there already" in refused.output
    assert (here / "gathering.toml").read_text() == "mine"


def test_check_names_each_mistake_with_its_line(here: Path) -> None:
    (here / "gathering.toml").write_text('slug = "x"\nname = 7\n')
    checked = run("check")
    assert checked.exit_code == 1
    assert "gathering.toml:2: error: " in checked.output


@pytest.mark.parametrize("command", ["serve", "web", "stage", "ingest", "doctor"])
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(here: Path, command: str) -> None:
    refused = run(command, "--port", "70000")
    assert refused.exit_code == 2
    assert refused.output == "The setting --port cannot be “70000”: at most 65535. Change it and start again.\n"


@pytest.mark.parametrize("command", ["stage", "ingest", "web", "recorder"])
def test_a_process_with_nothing_planned_says_what_to_do(here: Path, command: str) -> None:
    refused = run(command)
    assert refused.exit_code == 2
    assert refused.output.startswith("No gathering is planned here yet. Write one with “allpoints init”")


def test_the_doctor_examines_everything_and_tells_it_to_programs_too(here: Path) -> None:
    findings = json.loads(run("doctor", "--json").output)
    looked_at = {"Cores", "Memory", "Clock", "Pictures", "Sources", "Text", "Memory folder", "Disk speed", "Database",
                 "Recording"}
    assert looked_at <= {finding["subject"] for finding in findings}
    assert not [finding for finding in findings if finding["says"].startswith("could not be looked at")]
    assert all(finding["next_step"] for finding in findings if finding["verdict"] != "ok")


def test_the_doctor_fails_on_a_damaged_database(here: Path) -> None:
    folders = Folders.beneath(here / "allpoints-data")
    folders.make()
    folders.database.write_bytes(b"no database" * 500)
    examined = run("doctor")
    assert examined.exit_code == 1
    assert "FAIL  Database" in examined.output


def test_dump_is_decided_without_a_stage_too(here: Path) -> None:
    folders = Folders.beneath(here / "allpoints-data")
    folders.make()
    plan_demo(folders, SystemClock())
    dumped = run("dump")
    assert dumped.exit_code == 0
    assert "never will be" in dumped.output
    assert dumps_path(folders).read_text()


def test_a_new_secret_opens_and_the_old_one_does_not(here: Path) -> None:
    folders = Folders.beneath(here / "allpoints-data")
    old, new = (run("reset-secret").output.split()[-1] for _ in range(2))
    door = Door(folders, SystemClock())
    door.verify(new)
    with pytest.raises(WrongSecret):
        door.verify(old)


def test_the_trace_is_taken_from_the_file_and_refused_where_nothing_is_planned(here: Path) -> None:
    run("init")
    refused = run("take-trace")
    assert refused.exit_code == 2
    assert "No gathering is planned here yet" in refused.output
    with closing(open_storage(Folders.beneath(here / "allpoints-data"))) as storage:
        seed_once(storage, load_gathering_file(here / "gathering.toml"), SystemClock().now())
        with (here / "gathering.toml").open("a") as file:
            file.write('\n[trace]\nlow = true\nneutral_title = { en = "Weather" }\n')
        assert "keep nothing" in run("take-trace").output
        assert load_gathering(storage).trace.low
