"""The control page: nobody comes in without the secret, every order reaches the stage, and DUMP needs no stage."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stand_ins.fake_stage import FakeStage, report
from tests.stand_ins.running_site import RunningSite, running_site, until

from allpoints.contribute.recording.state import RecordingState, TrackState, write_state
from allpoints.kernel.folders import Folders
from allpoints.publish.air import Role
from allpoints.publish.standing import Notes, Standing
from allpoints.stage import protocol as said


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data")


@pytest.fixture
async def site(folders: Folders) -> AsyncIterator[RunningSite]:
    async with running_site(folders) as site:
        yield site


@pytest.fixture
async def stage(site: RunningSite, folders: Folders) -> AsyncIterator[FakeStage]:
    async def is_watched() -> bool:
        return bool(fake.watchers)

    async with FakeStage(folders.sockets / "stage.sock") as fake:
        await until(is_watched)
        yield fake


ROUTES = [
    ("GET", "/control/live"), ("GET", "/control/pictures/program.jpg"), ("GET", "/api/control/report"),
    *(("POST", f"/api/control/{verb}") for verb in (
        "cue", "take", "arm", "restart", "lower-third", "panic", "dump", "receiver-on", "receiver-off",
        "receiver-restart")),
    *(("POST", f"/control/{verb}") for verb in ("cue", "take", "panic", "dump", "receiver-off", "sign-out")),
]
BODIES: dict[str, dict[str, object]] = {
    "arm": {"armed": True}, "restart": {"source": "x"}, "panic": {"held_ms": 1000}, "dump": {"held_ms": 1000},
    **{f"receiver-{verb}": {"receiver": "x"} for verb in ("on", "off", "restart")},
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nobody_comes_in_without_the_secret(site: RunningSite, method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "allpoints-staff=nonsense"}):
        body = BODIES.get(path.rpartition("/")[2], {})
        is_api = path.startswith("/api")
        answer = await site.client.request(
            method, path, headers=headers, json=body if is_api else None, data=None if is_api else body
        )
        assert answer.status_code == 401, answer.text


async def test_people_are_led_to_the_sign_in_form_that_says_where_the_secret_is(site: RunningSite) -> None:
    answer = await site.client.get("/control", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/control/sign-in")
    form = await site.client.get("/control/sign-in")
    assert "allpoints serve" in form.text
    assert form.headers["cache-control"] == "no-store"


async def test_a_wrong_secret_is_refused_in_words(site: RunningSite) -> None:
    for wrong in ("", "password", site.secret[:-1] + ("0" if site.secret[-1] != "0" else "1")):
        answer = await site.client.post("/control/sign-in", data={"secret": wrong, "name": "Mallory"})
        assert answer.status_code == 403
        assert "That is not the secret" in answer.text
        assert "set-cookie" not in answer.headers


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: RunningSite) -> None:
    answer = await site.client.post("/control/sign-in", data={"secret": site.secret.upper(), "name": "Ada"})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


async def test_a_form_of_another_site_does_nothing(site: RunningSite, stage: FakeStage) -> None:
    await site.sign_in()
    for fields in ({}, {"csrf": "guess"}):
        answer = await site.client.post("/control/take", data=fields)
        assert answer.status_code == 403
    assert (await site.client.post("/api/control/take", json={})).status_code == 403
    assert stage.asked == []


async def test_the_page_shows_what_the_stage_reports(site: RunningSite, stage: FakeStage) -> None:
    await site.sign_in()
    page = (await site.client.get("/control")).text
    assert page.count('class="on-air-mark"') == 1
    for words in ("Lighting the lamps", "1:35 left", "Harbour, live", "too heavy to play live", "Auto-next: armed",
                  "10 s", "v720 v480"):
        assert words in page
    assert 'name="airing" value="airing-7"' in page
    persian = (await site.client.get("/control?lang=fa")).text
    assert "روی آنتن" in persian
    assert "۱:۳۵ مانده" in persian


async def test_the_page_shows_what_is_recorded_and_how_long_the_disk_lasts(
    site: RunningSite, stage: FakeStage, folders: Folders
) -> None:
    await site.sign_in()
    assert "Nothing is being recorded." in (await site.client.get("/control")).text
    write_state(folders, RecordingState(datetime.now(UTC), [
        TrackState("program", "program", "recording", bytes_per_second=250_000),
        TrackState("harbour-live", "sources", "stopped", code="disk_short"),
    ], 12_300_000_000, 10**12, 40_800))
    page = (await site.client.get("/control")).text
    for words in ("11 h 20 min", "12.3 GB", "2.0 Mb/s", "not recording", "the disk is nearly full"):
        assert words in page
    assert "۱۱ ساعت و ۲۰ دقیقه" in (await site.client.get("/control?lang=fa")).text


FORMS = [
    ("cue", {"item": "item-3"}, said.Cue(item="item-3", by="Ada")),
    ("take", {"airing": "airing-7", "transition": "mix"}, said.Take("airing-7", "", "mix", "Ada")),
    ("arm", {"armed": "false"}, said.ArmAutoNext(False, "Ada")),
    ("restart", {"source": "harbour-live"}, said.RestartSource("harbour-live", "Ada")),
    ("lower-third", {"title": "Svein", "subtitle": "Keeper"}, said.LowerThird("Svein", "Keeper", "Ada")),
    ("panic", {"confirmed": "yes"}, said.Panic("Ada")),
    ("dump", {"confirmed": "yes"}, said.Dump("Ada")),
]


@pytest.mark.parametrize(("verb", "fields", "asked"), FORMS)
async def test_every_order_works_as_a_plain_form(
    site: RunningSite, stage: FakeStage, verb: str, fields: dict[str, str], asked: said.Request
) -> None:
    token = await site.sign_in()
    answer = await site.client.post(f"/control/{verb}", data={**fields, "csrf": token})
    assert (answer.status_code, answer.headers.get("location")) == (303, "/control")
    assert stage.asked == [asked]


async def test_every_order_works_over_the_api_with_a_bearer(site: RunningSite, stage: FakeStage) -> None:
    await site.sign_in()
    token = site.client.cookies["allpoints-staff"]
    site.client.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    for verb, fields, _ in FORMS:
        body: dict[str, object] = {**fields}
        if verb == "arm":
            body = {"armed": False}
        if verb in ("panic", "dump"):
            body = {"held_ms": 1000}
        answer = await site.client.post(f"/api/control/{verb}", json=body, headers=bearer)
        assert answer.json() == {"ok": True, "status": 200, "code": "done", "sentence": "Done.", "airing": "airing-8"}
    assert stage.asked == [asked for _, _, asked in FORMS]


async def test_a_bearer_reads_what_the_stage_reports(site: RunningSite, stage: FakeStage) -> None:
    await site.sign_in()
    bearer = {"Authorization": f"Bearer {site.client.cookies['allpoints-staff']}"}
    site.client.cookies.clear()

    async def tells_what_is_on() -> bool:
        stage.tell(report(datetime.now(UTC)))  # it is fresh for two seconds, and a busy machine may sleep for longer
        told = await site.client.get("/api/control/report", headers=bearer)
        return told.status_code == 200 and bool(told.json()["on_air"]["title"] == "Lighting the lamps")

    await until(tells_what_is_on)


async def test_an_order_that_was_not_held_goes_nowhere(site: RunningSite, stage: FakeStage) -> None:
    token = await site.sign_in()
    for verb in ("panic", "dump"):
        answer = await site.client.post(
            f"/api/control/{verb}", json={"held_ms": 400}, headers={"X-CSRF-Token": token}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "not_held")
        assert (await site.client.post(f"/control/{verb}", data={"csrf": token})).status_code == 400
    assert stage.asked == []


async def test_a_refusal_is_told_with_its_status_in_the_readers_language(
    site: RunningSite, stage: FakeStage
) -> None:
    token = await site.sign_in()
    stage.answer = said.Reply(False, "airing-9", said.Refusal(
        "stale_take", 409, "The program has changed since you pressed TAKE. Look at what is on air and press again.",
    ))
    answer = await site.client.post("/api/control/take?lang=fa", json={"airing": "airing-7"},
                                    headers={"X-CSRF-Token": token})
    assert answer.status_code == 409
    assert answer.json()["sentence"].startswith("از هنگامی که")
    page = await site.client.post("/control/take", data={"airing": "airing-7", "csrf": token})
    assert page.status_code == 409
    assert "The program has changed since you pressed TAKE." in page.text


async def test_without_a_stage_takes_are_refused_and_dump_is_written_down(
    site: RunningSite, folders: Folders
) -> None:
    token = await site.sign_in()
    held = folders.held / "v240"
    held.mkdir(parents=True)
    (held / "g1-999999999.m4s").write_bytes(b"held")
    headers = {"X-CSRF-Token": token}
    refused = await site.client.post("/api/control/take", json={}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (503, "stage_silent")
    assert (await site.client.post("/api/control/panic", json={"held_ms": 1000}, headers=headers)).status_code == 503
    dumped = await site.client.post("/api/control/dump", json={"held_ms": 1000}, headers=headers)
    assert dumped.status_code == 200
    assert "what was not yet released will not be" in dumped.json()["sentence"]
    decision = json.loads((folders.memory / "dumps.jsonl").read_bytes())
    assert decision["until_segment"] >= 999999999
    told = await site.client.post("/control/dump", data={"confirmed": "yes", "csrf": token})
    assert "what was not yet released will not be" in told.text


@pytest.mark.parametrize(("heard_before", "noted_before", "code"), [
    (1, 0.5, "dump_handed_on"), (30, 0.5, "dump_not_heard"), (31, 30, "dump_recorded"),
])
async def test_dump_on_a_machine_that_stands_by_says_whom_it_reaches(
    site: RunningSite, folders: Folders, heard_before: float, noted_before: float, code: str
) -> None:
    token, now = await site.sign_in(), datetime.now(UTC)
    Notes(folders).leave(Standing(
        Role.STANDBY, 1, "http://north", now - timedelta(seconds=noted_before), now - timedelta(seconds=heard_before),
    ))
    dumped = await site.client.post(
        "/api/control/dump", json={"held_ms": 1000}, headers={"X-CSRF-Token": token},
    )
    assert (dumped.status_code, dumped.json()["code"]) == (200, code)
    assert (folders.memory / "dumps.jsonl").exists()


async def test_the_page_says_when_it_is_stale(site: RunningSite, stage: FakeStage) -> None:
    await site.sign_in()
    assert 'data-link="live"' in (await site.client.get("/control")).text

    async def says(words: str) -> bool:
        return words in await site.control()

    await until(lambda: says('data-link="stale"'))
    stage.tell(report(datetime.now(UTC)))
    await until(lambda: says('data-link="live"'))


async def test_the_link_finds_a_stage_that_starts_again(
    site: RunningSite, stage: FakeStage, folders: Folders
) -> None:
    await site.sign_in()
    await stage.__aexit__()
    again = FakeStage(folders.sockets / "stage.sock", newest=report(datetime.now(UTC), armed=False))

    async def is_found() -> bool:
        return "Auto-next: off" in await site.control()

    async with again:
        await until(is_found)
    await stage.__aenter__()


async def test_live_changes_come_as_events_with_only_what_changed(site: RunningSite, stage: FakeStage) -> None:
    await site.sign_in()
    stream = asyncio.create_task(site.client.get("/control/live"))
    await asyncio.sleep(0.1)
    stage.tell(report(datetime.now(UTC)))
    await asyncio.sleep(0.1)
    stage.tell(report(datetime.now(UTC), armed=False))
    await asyncio.sleep(0.1)
    site.closing.set()
    stage.tell(report(datetime.now(UTC)))
    answer = await asyncio.wait_for(stream, 5)
    assert answer.headers["content-type"].startswith("text/event-stream")
    beats = [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]
    assert set(beats[0]["regions"]) == {
        "program", "next", "auto", "publication", "rundown", "sources", "actions", "alarms", "recording"
    }
    assert "Auto-next: off" in beats[1]["regions"]["auto"]
    assert "rundown" not in beats[1]["regions"]
    assert all(beat["fresh"] for beat in beats)
    assert "csrf" not in answer.text


async def test_pictures_are_for_staff_and_kept_by_nobody(site: RunningSite, folders: Folders) -> None:
    (folders.pictures / "program.jpg").write_bytes(b"\xff\xd8jpeg")
    await site.sign_in()
    answer = await site.client.get("/control/pictures/program.jpg")
    assert (answer.content, answer.headers["cache-control"]) == (b"\xff\xd8jpeg", "no-store")
    assert (await site.client.get("/control/pictures/source-none.jpg")).headers["content-type"] == "image/svg+xml"
    for name in ("..%2Fdumps.jsonl", "other.jpg", "program.png", "source-..jpg"):
        assert (await site.client.get(f"/control/pictures/{name}")).status_code == 404


async def test_signing_out_ends_the_session(site: RunningSite) -> None:
    token = await site.sign_in()
    kept = site.client.cookies["allpoints-staff"]
    assert (await site.client.post("/control/sign-out", data={"csrf": token})).status_code == 303
    answer = await site.client.get("/api/control/report", headers={"Authorization": f"Bearer {kept}"})
    assert answer.status_code == 401


async def test_a_lost_database_does_not_throw_the_crew_out(
    site: RunningSite, stage: FakeStage, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await site.sign_in()
    monkeypatch.setattr("allpoints.web.gate.REMEMBERED_SECONDS", 0.0)
    folders.database.unlink()
    folders.database.mkdir()
    answer = await site.client.post("/api/control/take", json={}, headers={"X-CSRF-Token": token})
    assert answer.status_code == 200
