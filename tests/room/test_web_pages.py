"""The public pages: in whose language, with what on them, and what they carry to protect their reader."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.stand_ins.assembly import assembly
from tests.stand_ins.running_site import running_site

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.text.translations import LANGUAGES

NOON = datetime(2027, 5, 2, 12, 0, 30, tzinfo=UTC)
PAGES = ["/", "/schedule", "/watch", "/plain", "/control/sign-in", "/nowhere", "/text", "/hall"]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data")


async def test_home_says_what_is_on_and_what_comes(folders: Folders) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        page = (await site.client.get("/")).text
    assert "World Assembly of Lighthouse Keepers" in page
    assert "The night the fog came" in page
    assert "Keeping watch together" in page
    assert "Go to the watch page" in page
    assert "1–3 May 2027" in page


async def test_the_schedule_shows_every_session_with_the_zone_in_visible_text(folders: Folders) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        page = (await site.client.get("/schedule")).text
    assert page.count('<li class="session') == 15
    assert page.count('id="now"') == 1
    assert 'datetime="2027-05-02T12:25:00+00:00"' in page
    assert "Reykjavik time" in page
    assert "Mariam Daryaei" in page


@pytest.mark.parametrize(("at", "expected"), [
    (NOON - timedelta(days=9), "Lighting the lamps"), (NOON + timedelta(days=9), "The gathering is over"),
])
async def test_before_and_after_the_days_there_is_something_to_say(
    folders: Folders, at: datetime, expected: str
) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(at)) as site:
        for page in ("/", "/schedule", "/watch"):
            assert (await site.client.get(page)).status_code == 200
        assert expected in (await site.client.get("/")).text


async def test_the_language_comes_from_the_browser(folders: Folders) -> None:
    async with running_site(folders) as site:
        persian = await site.client.get("/", headers={"Accept-Language": "fa-IR,fa;q=0.9"})
        assert '<html lang="fa" dir="rtl"' in persian.text
        assert "گردهمایی جهانی فانوس‌بانان" in persian.text
        assert '<html lang="en" dir="ltr"' in (await site.client.get("/", headers={"Accept-Language": "eo"})).text
        assert "set-cookie" not in persian.headers


async def test_a_link_in_a_language_is_carried_on_without_a_cookie(folders: Folders) -> None:
    async with running_site(folders) as site:
        page = await site.client.get("/?lang=fa")
        assert 'href="/watch?lang=fa"' in page.text
        assert "set-cookie" not in page.headers
        assert '<html lang="en"' in (await site.client.get("/")).text


async def test_a_choice_by_hand_is_kept_in_the_address_and_nowhere_else(folders: Folders) -> None:
    async with running_site(folders) as site:
        page = await site.client.get("/schedule?view=audio&other=1&lang=fa")
        chosen = re.findall(r'<li><a href="([^"]+)" lang="([^"]+)"', page.text)
        assert [tag for _, tag in chosen] == list(LANGUAGES)
        assert {tag: address for address, tag in chosen}["ar"] == "/schedule?view=audio&amp;lang=ar"
        assert '<html lang="ar" dir="rtl"' in (await site.client.get("/schedule?view=audio&lang=ar")).text
        assert "set-cookie" not in page.headers


@pytest.mark.parametrize("path", ["//elsewhere.example/", "/\\elsewhere.example", "/%2f/elsewhere.example"])
async def test_a_choice_of_language_leads_nowhere_else(folders: Folders, path: str) -> None:
    async with running_site(folders) as site:
        page = await site.client.get(httpx.URL("http://gathering.example", raw_path=path.encode()))
    assert re.findall(r'<li><a href="/[a-z]', page.text)
    assert not re.findall(r'href="(?:/[/\\]|https?:)', page.text)


@pytest.mark.parametrize("page", PAGES)
async def test_every_page_is_closed_to_other_sites(folders: Folders, page: str) -> None:
    async with running_site(folders) as site:
        answer = await site.client.get(page)
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["content-security-policy"] == (
        f"default-src 'self'; style-src 'self' 'sha256-{digest}'; media-src 'self' blob:; "
        "object-src 'none'; worker-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in answer.headers
    assert not re.findall(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", answer.text)
    assert not re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", answer.text)


async def test_away_from_this_machine_browsers_are_told_to_come_encrypted(folders: Folders) -> None:
    async with running_site(folders) as site:
        answer = await site.client.get("/", headers={"Host": "gathering.example"})
        assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_now_is_told_to_programs(folders: Folders) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        told = (await site.client.get("/api/now?lang=fa")).json()
    assert told["now"] == {"guid": "day2-2", "title": "شبی که مه آمد", "starts_at": "2027-05-02T11:40:00Z",
                           "ends_at": "2027-05-02T12:20:00Z",
                           "persons": [{"name": "سوین نوردلیس", "about": "نگهبان فانوس یتره‌شر"}]}
    assert told["next"]["guid"] == "day2-3"
    assert (told["live"], told["low_latency"]) == (False, False)


async def test_the_watch_page_knows_what_is_published(folders: Folders) -> None:
    async with running_site(folders) as site:
        assert 'data-released="no"' in (await site.client.get("/watch")).text
        for name in ("a64", "opus16"):
            (folders.public / name).mkdir()
            (folders.public / name / "index.m3u8").write_text("#EXTM3U\n")
        (folders.public / "master-ll.m3u8").write_text("#EXTM3U\n")
        page = (await site.client.get("/watch")).text
        assert 'data-released="yes"' in page
        assert 'data-low-latency="yes"' in page
        assert 'data-audio="a64 opus16"' in page
        os.utime(folders.public / "a64" / "index.m3u8", (1, 1))
        os.utime(folders.public / "opus16" / "index.m3u8", (1, 1))
        assert 'data-released="no"' in (await site.client.get("/watch")).text


async def test_sound_alone_has_an_address_of_its_own(folders: Folders) -> None:
    async with running_site(folders) as site:
        for address, choice in (("/watch?view=audio", "audio"), ("/watch", "auto"), ("/watch?view=x", "auto")):
            page = (await site.client.get(address)).text
            assert f'data-choice="{choice}"' in page
            assert f'data-way="{choice}" aria-current="true"' in page
            assert 'href="/text"' in page
            preloaded = re.findall(r'"modulepreload" href="(/static/dist/micro-\w+.js)"', page)
            assert len(preloaded) == (choice == "audio")
            assert all([(await site.client.get(name)).status_code == 200 for name in preloaded])
        assert 'data-audio="a64 a32 opus16"' in page, "what will be released, before anything is"
        assert 'data-heights="720 480 240 144"' in page


@pytest.mark.parametrize(("address", "saves", "line"), [
    ("/watch", "", ""), ("/watch?link=low", "", "low"), ("/watch", "on", "low"), ("/watch?link=full", "on", "full"),
    ("/watch?link=other", "", ""),
])
async def test_a_weak_line_is_said_by_the_address_or_by_the_browser(
    folders: Folders, address: str, saves: str, line: str
) -> None:
    async with running_site(folders) as site:
        answer = await site.client.get(address, headers={"Save-Data": saves} if saves else {})
    assert f'data-line="{line}"' in answer.text
    assert "Save-Data" in answer.headers["vary"]


async def test_links_carry_on_what_was_said_of_the_line(folders: Folders) -> None:
    async with running_site(folders) as site:
        page = (await site.client.get("/watch?link=low&lang=fa")).text
        assert 'href="/schedule?lang=fa&amp;link=low"' in page
        assert 'href="/watch?view=audio&amp;lang=fa&amp;link=low"' in page
        assert 'href="/watch?lang=fa&amp;link=full"' in page, "the way back to the picture"
        assert 'data-api="/api/now?lang=fa"' in page
        assert "link=" not in (await site.client.get("/watch")).text.replace("link=full", "", 1)


async def test_the_calendar_file_is_one(folders: Folders) -> None:
    async with running_site(folders) as site:
        answer = await site.client.get("/schedule.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["content-disposition"] == 'attachment; filename="keepers.ics"'
    assert answer.text.count("BEGIN:VEVENT") == 15


async def test_mistakes_are_answered_in_words(folders: Folders) -> None:
    async with running_site(folders) as site:
        page = await site.client.get("/nowhere?lang=fa")
        assert page.status_code == 404
        assert "در این نشانی چیزی نیست" in page.text
        told = await site.client.get("/api/nowhere")
        assert (told.status_code, told.json()["ok"]) == (404, False)
        large = await site.client.post("/control/sign-in", data={"secret": "x" * 100_000})
        assert large.status_code == 413
        assert (await site.client.post("/control/sign-in", content=b"\xff\xfe")).status_code in (400, 403, 415)


async def test_assets_are_versioned_packed_and_known_again(folders: Folders) -> None:
    async with running_site(folders) as site:
        address = re.findall(r'href="(/static/dist/public.css\?v=\w+)"', (await site.client.get("/")).text)[0]
        style = await site.client.get(address)
        assert style.headers["cache-control"].endswith("immutable")
        assert style.headers["content-encoding"] == "gzip"
        again = await site.client.get(address, headers={"If-None-Match": style.headers["etag"]})
        assert again.status_code == 304
        assert "immutable" not in (await site.client.get("/static/dist/first.css")).headers["cache-control"]
        for name in ("../server.py", "%2e%2e/site.py", "dist", ".hidden"):
            assert (await site.client.get(f"/static/{name}")).status_code == 404


async def test_the_api_describes_itself(folders: Folders) -> None:
    async with running_site(folders) as site:
        described = (await site.client.get("/api/schema/openapi.json")).json()
    assert {"/api/now", "/api/control/take", "/api/control/dump"} <= set(described["paths"])
    assert "https://" not in json.dumps(described)


async def test_nothing_can_be_broken_where_there_is_no_demo(folders: Folders) -> None:
    async with running_site(folders) as site:
        assert (await site.client.get("/break")).status_code == 404
        assert (await site.client.get("/break/screen")).status_code == 404
        assert (await site.client.post("/break/kill-stage")).status_code == 404
