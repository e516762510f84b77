"""Status for everybody, metrics for a monitor, alarms for the crew: with a stage that talks, and without one."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from tests.stand_ins.fake_stage import FakeStage, report
from tests.stand_ins.running_site import RunningSite, running_site, until

from allpoints.contribute.ingest_status import IngestStatus, Publisher, write_status
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import ProcessNote, ProcessNotes, write_processes
from allpoints.publish.simulcast.report import ReceiverState, SimulcastReport, write_report
from allpoints.schedule.model import SourceRef

KEY = "scraper-in-the-next-village"
PLAYLIST = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:2.0,\n7.m4s\n#EXT-X-GAP\n#EXTINF:2.0,\n8.m4s\n"
SOURCE = SourceRef("harbour-live")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    return folders


@pytest.fixture
async def site(folders: Folders) -> AsyncIterator[RunningSite]:
    async with running_site(folders, metrics_key=KEY) as site:
        yield site


def publish(folders: Folders, *, age: float = 0.0) -> None:
    """A playlist that changed so many seconds ago."""
    path = folders.public / "a64" / "index.m3u8"
    path.parent.mkdir(exist_ok=True)
    path.write_text(PLAYLIST)
    changed = datetime.now(UTC).timestamp() - age
    os.utime(path, (changed, changed))


async def families(site: RunningSite) -> dict[str, Metric]:
    """What a strict reader makes of a scrape."""
    async def has_looked() -> bool:
        return (await site.client.get("/metrics")).status_code != 503

    await until(has_looked)
    answer = await site.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}  # type: ignore[no-untyped-call]


def value(found: dict[str, Metric], name: str, **labels: str) -> float | None:
    for family in found.values():
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return None


async def test_a_monitor_reads_how_everything_is(site: RunningSite, folders: Folders) -> None:
    publish(folders)
    write_status(folders, IngestStatus(datetime.now(UTC), {SOURCE: Publisher(datetime.now(UTC), 2_400, 3)},
                                       wrong_keys=5))
    write_processes(folders, ProcessNotes(os.getpid(), datetime.now(UTC), [
        ProcessNote("stage", os.getpid(), starts=4), ProcessNote("web", None, starts=1)]))
    (folders.memory / "recording.json").write_text(json.dumps({
        "at": datetime.now(UTC).isoformat(), "seconds_left": 40_800, "free_bytes": 1, "total_bytes": 2,
        "tracks": [{"what": "program", "kind": "program", "state": "recording", "bytes_per_second": 300_000}]}))
    write_report(folders, SimulcastReport(datetime.now(UTC), [ReceiverState("tv", "stalled", datetime.now(UTC))]))
    (folders.memory / "air-standing.json").write_text("{ half a fi")

    async with FakeStage(folders.sockets / "stage.sock") as stage:
        told = report(datetime.now(UTC))
        stage.tell(replace(told, health=replace(told.health, late_p99_ms=12.0), publication=replace(
            told.publication, segments_released=70, holes=2, backlog_ticks=1)))

        async def is_up() -> bool:
            return value(await families(site), "allpoints_stage_up") == 1

        await until(is_up)
        found = await families(site)
    expected = {
        ("allpoints_stage_tick_lateness_seconds", ("quantile", "0.99")): 0.012,
        ("allpoints_segments_released_total", None): 70,
        ("allpoints_segments_missing_total", None): 2,
        ("allpoints_encoder_backlog_ticks", None): 1,
        ("allpoints_source_state", ("allpoints_source_state", "refused")): 0,
        ("allpoints_ingest_bits_per_second", ("source", "harbour-live")): 2_400_000,
        ("allpoints_ingest_clock_jumps_total", ("source", "harbour-live")): 3,
        ("allpoints_ingest_wrong_keys_total", None): 5,
        ("allpoints_process_starts_total", ("process", "stage")): 4,
        ("allpoints_process_up", ("process", "web")): 0,
        ("allpoints_rendition_missing_segments", ("rendition", "a64")): 1,
        ("allpoints_recording_left_seconds", None): 40_800,
        ("allpoints_receiver_state", ("allpoints_receiver_state", "stalled")): 1,
        ("allpoints_journal_lagging", None): 0,
    }
    for (name, label), wanted in expected.items():
        assert value(found, name, **(dict([label]) if label else {})) == wanted, name
    for name in ("allpoints_disk_free_bytes", "allpoints_memory_folder_free_bytes",
                 "allpoints_process_open_descriptors", "allpoints_released_tick_age_seconds", "allpoints_alarm"):
        assert value(found, name) is not None, name


async def test_metrics_are_for_this_machine_or_for_who_has_the_key(site: RunningSite, folders: Folders) -> None:
    await families(site)
    app = site.client._transport.app  # type: ignore[attr-defined]
    elsewhere = httpx.ASGITransport(app, client=("203.0.113.9", 4711))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://localhost:8700") as stranger:
        assert (await stranger.get("/metrics")).status_code == 404
        for wrong in ("", "Bearer", "Bearer nonsense", f"Basic {KEY}", "Bearer \N{LATIN SMALL LETTER E WITH ACUTE}"):
            headers = [(b"authorization", wrong.encode())]
            assert (await stranger.get("/metrics", headers=headers)).status_code == 404
        keyed = await stranger.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
        assert keyed.status_code == 200
    for passed_on in ({"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"X-Real-IP": "::1"},
                      {"Host": "keepers.example"}):
        assert (await site.client.get("/metrics", headers=passed_on)).status_code == 404


async def test_without_a_key_an_empty_one_opens_nothing(tmp_path: Path) -> None:
    async with running_site(Folders.beneath(tmp_path / "data")) as site:
        app = site.client._transport.app  # type: ignore[attr-defined]
        elsewhere = httpx.ASGITransport(app, client=("203.0.113.9", 4711))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://localhost:8700") as stranger:
            for empty in ("Bearer ", "Bearer", ""):
                answer = await stranger.get("/metrics", headers={"Authorization": empty})
                assert answer.status_code == 404


async def test_the_crew_sees_alarms_in_its_language_and_strangers_none(site: RunningSite, folders: Folders) -> None:
    assert (await site.client.get("/api/control/alarms")).status_code == 401
    await site.sign_in()

    async def is_alarmed() -> bool:
        return bool((await site.client.get("/api/control/alarms")).json())

    await until(is_alarmed)
    stage_down = (await site.client.get("/api/control/alarms")).json()[0]
    assert stage_down["code"] == "stage_down"
    assert (stage_down["severity"], stage_down["owner"]) == ("urgent", "engineer")
    assert stage_down["next_step"]
    page = await site.control()
    assert 'data-region="alarms" aria-live="polite"' in page
    assert "The stage does not answer." in page
    persian = (await site.client.get("/control?lang=fa")).text
    assert "صحنه پاسخ نمی‌دهد" in persian
    assert "مهندس" in persian
    async with FakeStage(folders.sockets / "stage.sock") as stage:

        async def is_calm() -> bool:
            stage.tell(report(datetime.now(UTC)))
            told = (await site.client.get("/api/control/alarms")).json()
            return "stage_down" not in {alarm["code"] for alarm in told}

        await until(is_calm, 12)


async def test_alarms_keep_their_since_when_the_web_starts_again(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    long_ago = "2021-03-01T06:00:00Z"
    (folders.memory / "alarms.json").write_text(json.dumps(
        [{"code": "stage_down", "subject": "", "since": long_ago, "values": {}}]))
    async with running_site(folders) as site:
        await site.sign_in()
        told = (await site.client.get("/api/control/alarms")).json()
    assert [alarm["since"] for alarm in told if alarm["code"] == "stage_down"] == [long_ago]


async def test_status_without_a_stage_says_so_and_what_to_do(site: RunningSite, folders: Folders) -> None:
    answer = await site.client.get("/status.json")
    assert answer.json()["state"] == "interrupted", "the assembly has a session now"
    assert answer.json()["since"] is None
    page = (await site.client.get("/status")).text
    assert "Interrupted" in page
    assert "Leave the player open" in page
    assert "None that we know of." in page
    publish(folders, age=95)
    since = datetime.fromisoformat((await site.client.get("/status.json")).json()["since"])
    assert abs(datetime.now(UTC) - since - timedelta(seconds=95)) < timedelta(seconds=5)


async def test_status_tells_the_holes_of_the_last_hours_and_nothing_of_the_inside(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    now = int((datetime.now(UTC) - epoch).total_seconds()) * 25
    hours = 25 * 3600
    lines = [("reserved", now - 9 * hours), ("run", now - 9 * hours), ("reserved", now - 8 * hours),
             ("run", now - 8 * hours + 900), ("reserved", now - hours), ("airing", now - hours + 10),
             ("airing", now - hours + 760), ("reserved", now - hours + 760), ("run", now - hours + 760)]
    folders.journal.write_text("".join(
        json.dumps({"event": event, "tick": tick, "title": "Nobody's business", "by": "Ada"}) + "\n"
        for event, tick in lines) + '{"torn')
    publish(folders)
    async with running_site(folders) as site:

        async def is_read() -> bool:
            return bool((await site.client.get("/status.json")).json()["interruptions"])

        await until(is_read)
        status = (await site.client.get("/status.json")).json()
        assert status["state"] == "on_air"
        (hole,) = status["interruptions"]
        began, ended = (datetime.fromisoformat(hole[name]) for name in ("began_at", "ended_at"))
        assert ended - began == timedelta(seconds=30)
        assert status["since"] == hole["ended_at"]
        page = (await site.client.get("/status?lang=fa")).text
        assert "روی آنتن" in page
        assert "۰:۳۰" in page
        for inside in ("Nobody", "Ada", "tick", "a64", str(tmp_path)):
            assert inside not in page
        assert '/status?lang=fa"' in (await site.client.get("/?lang=fa")).text, "linked from every page"


async def test_status_says_when_a_holding_picture_is_shown(site: RunningSite, folders: Folders) -> None:
    publish(folders)
    async with FakeStage(folders.sockets / "stage.sock") as stage:
        told = report(datetime.now(UTC))
        stage.newest = replace(told, on_air=replace(told.on_air, on_slate=True))

        async def is_told() -> bool:
            stage.tell(stage.newest)
            return bool((await site.client.get("/status.json")).json()["holding_picture"])

        await until(is_told)
        await asyncio.sleep(0)
        assert "holding picture" in (await site.client.get("/status")).text
