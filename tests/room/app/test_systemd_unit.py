"""The unit for systemd, read by systemd itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from allpoints.app.systemd_unit import unit
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings

PLACES = ["plain", "with a space", "50% off", 'a "quoted" one', "ein$heit", "back\\slash", "نوری", "a;b'c"]


def verified(text: str, place: Path) -> str:
    """What systemd has to say against it. Users and man pages of this machine are not its business."""
    path = place / "allpoints.service"
    path.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, timeout=30, check=False,
    )
    return "\n".join(line for line in done.stderr.splitlines() if str(path.name) in line)


@pytest.mark.parametrize("name", PLACES)
def test_systemd_reads_it_wherever_things_lie(name: str, tmp_path: Path) -> None:
    place = tmp_path / name
    place.mkdir()
    settings = Settings.read({"data": str(place / "data"), "port": "443", "ladder": "small"}, {})
    text = unit(settings, place / "gathering.toml", "keeper")
    assert verified(text, tmp_path) == ""
    assert "Environment=ALLPOINTS_LADDER=small" in text
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in text


def test_what_systemd_does_not_know_would_be_told(tmp_path: Path) -> None:
    text = unit(Settings.read({"data": str(tmp_path)}, {}), tmp_path / "gathering.toml", "keeper")
    assert "WatchdogSecs" in verified(text.replace("WatchdogSec=", "WatchdogSecs="), tmp_path)


def test_it_has_a_watchdog_no_secret_and_nothing_that_is_as_always(tmp_path: Path) -> None:
    settings = Settings.read({"data": str(tmp_path), "standby_key": "lamp", "metrics_key": "beacon"}, {})
    lines = unit(settings, tmp_path / "gathering.toml", "keeper").splitlines()
    assert {"Type=notify", "WatchdogSec=10", "Restart=always", "User=keeper"} <= set(lines)
    assert [line for line in lines if line.startswith("Environment=")] == [f"Environment=ALLPOINTS_DATA={tmp_path}"]
    assert "CapabilityBoundingSet=" in lines
    assert f"ReadWritePaths={tmp_path} {Folders.beneath(tmp_path).memory.parent}" in lines
    assert not any("lamp" in line or "beacon" in line for line in lines)
