"""The receivers on the control page: how each is, on and off, called anew; and nothing of their secrets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.stand_ins.assembly import assembly
from tests.stand_ins.running_site import running_site
from tests.stand_ins.simulcasting import coast_tv

from allpoints.kernel.folders import Folders
from allpoints.publish.simulcast import ReceiverState, SimulcastReport, Wish, read_wishes
from allpoints.publish.simulcast.report import write_report


def heard(folders: Folders, at: datetime, state: ReceiverState) -> None:
    write_report(folders, SimulcastReport(at, [state]))


async def test_receivers_are_shown_and_switched_without_their_secrets(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "data")
    now = datetime.now(UTC)
    coast = coast_tv(url="rtmps://coast.example/gulls?pass=herring")
    async with running_site(folders, gathering=replace(assembly(now), receivers=[coast])) as site:
        csrf = await site.sign_in()
        assert "nothing is heard of it" in await site.control()

        heard(folders, now, ReceiverState("coast-tv", "stalled", now, 2_500_000, 3, 4, "Broken <pipe>"))
        page = await site.control()
        for words in ("Coast TV", "rtmps://coast.example", "takes nothing; called again", "2.5 MB taken",
                      "called again: 3", "segments left out: 4", "Broken &lt;pipe&gt;", "Switch Coast TV off"):
            assert words in page
        for secret in ("lamp-and-horn", "gulls", "herring"):
            assert secret not in page
        persian = (await site.client.get("/control?lang=fa")).text
        assert "چیزی نمی‌گیرد" in persian
        assert "۲٫۵" in persian or "۲.۵" in persian

        form = {"csrf": csrf, "receiver": "coast-tv"}
        answer = await site.client.post("/control/receiver-off", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/control")
        assert read_wishes(folders) == {"coast-tv": Wish(is_on=False)}
        heard(folders, datetime.now(UTC), ReceiverState("coast-tv", "off", now))
        assert "Switch Coast TV on" in await site.control()

        token = {"X-CSRF-Token": csrf}
        for verb in ("receiver-on", "receiver-restart"):
            answer = await site.client.post(f"/api/control/{verb}", json={"receiver": "coast-tv"}, headers=token)
            assert answer.json()["code"] == "done"
        assert read_wishes(folders) == {"coast-tv": Wish(is_on=True, restarts=1)}
        answer = await site.client.post("/api/control/receiver-on", json={"receiver": "nobody"}, headers=token)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_receiver")
        assert set(read_wishes(folders)) == {"coast-tv"}

        heard(folders, now - timedelta(minutes=1), ReceiverState("coast-tv", "sending", now))
        assert "nothing is heard of it" in await site.control()


async def test_without_receivers_there_is_no_list(tmp_path: Path) -> None:
    async with running_site(Folders.beneath(tmp_path / "data")) as site:
        await site.sign_in()
        assert "Receivers" not in await site.control()


async def test_a_wish_that_cannot_be_written_down_is_told(tmp_path: Path) -> None:
    folders = Folders.beneath(tmp_path / "data")
    async with running_site(folders, gathering=replace(assembly(datetime.now(UTC)), receivers=[coast_tv()])) as site:
        csrf = await site.sign_in()
        (folders.data / "simulcast.json.lock").mkdir()
        answer = await site.client.post("/control/receiver-off", data={"csrf": csrf, "receiver": "coast-tv"})
        assert answer.status_code == 503
        assert "could not be written down" in answer.text
