"""What the command line tells people: options, addresses, findings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stand_ins.gatherings import KEY, gathering_of, live_source

from allpoints.app.addresses import page_address, rtmp_address, told_addresses
from allpoints.app.command_line import main
from allpoints.app.doctor import told
from allpoints.app.doctor.finding import doubtful, well, wrong
from allpoints.app.doctor.machine import check_clock
from allpoints.kernel.clock import ManualClock
from allpoints.kernel.settings import SETTINGS, Settings

NOW = datetime(2030, 5, 1, tzinfo=UTC)
GATHERING = gathering_of([live_source("harbour")], NOW)


def settings(**given: str) -> Settings:
    return Settings.read(given, environment={})


@pytest.mark.parametrize("command", ["serve", "demo", "doctor", "web", "stage", "ingest", "recorder"])
def test_every_setting_is_an_option_of_every_process(command: str) -> None:
    taken = {parameter.opts[0] for parameter in main.commands[command].params}
    assert {setting.option for setting in SETTINGS} <= taken


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:80/watch"), ("0.0.0.0", "http://127.0.0.1:80/watch"),
     ("::", "http://[::1]:80/watch"), ("keepers.example", "http://keepers.example:80/watch")],
)
def test_addresses_are_such_as_work_from_this_machine(host: str, address: str) -> None:
    assert page_address(settings(host=host, port="80"), "/watch") == address


@given(port=st.integers(1, 65535))
def test_publishers_are_told_the_port_they_are_to_use(port: int) -> None:
    assert rtmp_address(settings(rtmp_port=str(port))) == f"rtmp://127.0.0.1:{port}/live"


def test_the_secret_is_told_only_when_it_is_new() -> None:
    with_it = list(told_addresses(settings(), GATHERING, "abcde-fghjk"))
    without = list(told_addresses(settings(), GATHERING, None))
    assert [line for line in with_it if "abcde-fghjk" in line]
    assert len(with_it) == len(without) + 1


def test_every_live_source_is_told_its_key() -> None:
    assert KEY in "\n".join(told_addresses(settings(), GATHERING, None))


def test_a_finding_that_is_not_well_tells_the_next_step() -> None:
    assert told(well("Disk", "large")) == "ok    Disk            large"
    assert told(doubtful("Disk", "small", "Make room.")).endswith("→ Make room.")
    assert told(wrong("Disk", "gone", "Find it.")).startswith("FAIL")


def test_a_clock_in_the_wrong_century_is_wrong() -> None:
    early = ManualClock(NOW.replace(year=1970))
    assert [finding.verdict for finding in check_clock(early)] == ["fail"]
    assert next(iter(check_clock(ManualClock(NOW)))).verdict == "ok"
