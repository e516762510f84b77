"""A gathering that asks for a low trace: what answers carry, what leaving answers, and where names do not stand."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.stand_ins.assembly import LOW_TRACE, assembly
from tests.stand_ins.running_site import RunningSite, running_site

from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.schedule.model import Trace
from allpoints.web.listen import Listen
from allpoints.web.site import Site

NAMES = ("World Assembly of Lighthouse Keepers", "گردهمایی جهانی فانوس‌بانان")
PAGES = ("/", "/schedule", "/watch", "/status", "/limits", "/control/sign-in", "/nowhere", "/leave")
FORMS = (("POST", "/leave"), ("POST", "/control/sign-in"), ("POST", "/control/take"))
SHORT_WAYS = ("/live/master.m3u8", "/live/v240/index.m3u8", "/live/v240/10.m4s", "/live/v240/init-1.mp4",
              "/live/v240/99.m4s", "/listen.aac", "/listen/nothing.aac", "/standby/state", "/static/nothing.js",
              "/static/fonts/vazirmatn-arabic.woff2", "/static/icons/play.svg", "/static/favicon.svg", "/favicon.ico")

TAKES_ALL = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    (folders.public / "v240").mkdir()
    for name in ("master.m3u8", "v240/index.m3u8"):
        (folders.public / name).write_text("#EXTM3U\n")
    for name in ("v240/10.m4s", "v240/init-1.mp4"):
        (folders.public / name).write_bytes(b"media")
    return folders


def site_with(folders: Folders, trace: Trace) -> AbstractAsyncContextManager[RunningSite]:
    return running_site(folders, gathering=replace(assembly(datetime.now(UTC)), trace=trace))


async def addresses(site: RunningSite) -> list[str]:
    """Every address that can be got: of all routes, of all that pages name, and those with ways of their own."""
    named: set[str] = set()
    for page in PAGES:
        named |= set(re.findall(r'(?:src|href|data-api)="(/[^"#]*)', (await site.client.get(page)).text))
    assert any("/static/dist/" in each for each in named)
    return sorted({*site.paths, *PAGES, *named, *SHORT_WAYS})


async def test_every_answer_forbids_to_be_stored(folders: Folders) -> None:
    async with site_with(folders, LOW_TRACE) as site:
        site.closing.set()
        asked = await addresses(site)
        assert len(asked) > 50
        answers = {each: await site.client.get(each, headers=TAKES_ALL) for each in asked}
        answers |= {f"{method} {path}": await site.client.request(method, path) for method, path in FORMS}
        preflight = await site.client.options("/live/v240/10.m4s", headers={"Origin": "https://mirror.example"})
        known = await site.client.get("/live/v240/10.m4s", headers={"If-None-Match": "*"})
    answers |= {"a preflight": preflight, "media that are known": known}
    wrong = {each: answer.headers.get_list("cache-control") for each, answer in answers.items()
             if answer.headers.get_list("cache-control") != ["no-store"]}
    assert not wrong
    assert {answer.status_code for answer in answers.values()} >= {200, 204, 303, 304, 401, 404}
    assert not [each for each, answer in answers.items() if "set-cookie" in answer.headers]
    # What searches browsers' profiles unpacks gzip; brotli is only what the build has packed, the same everywhere.
    packings = {each: answer.headers.get("content-encoding", "") for each, answer in answers.items()}
    assert set(packings.values()) == {"", "gzip", "br"}
    brotli = [each for each, packing in packings.items() if packing == "br"]
    assert all(each.startswith("/static/dist/") for each in brotli)


async def test_without_the_choice_most_may_be_stored(folders: Folders) -> None:
    """The control."""
    async with site_with(folders, Trace()) as site:
        site.closing.set()
        told = [(await site.client.get(each)).headers.get("cache-control", "") for each in await addresses(site)]
    assert sum("max-age" in each for each in told) > 10
    assert sum(each == "no-cache" for each in told) > 4


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_what_browsers_keep_of_a_page_is_neutral_and_what_the_page_says_is_not(
    folders: Folders, language: str
) -> None:
    async with site_with(folders, LOW_TRACE) as site:
        pages = {path: (await site.client.get(f"{path}?lang={language}")).text for path in PAGES}
        calendar = await site.client.get("/schedule.ics")
        icon = await site.client.get(re.findall(r'rel="icon" href="([^"]*)"', pages["/"])[0])
    assert LOW_TRACE.neutral_title
    for path, page in pages.items():
        assert re.findall(r"<title>(.*)</title>", page) == [LOW_TRACE.neutral_title.in_language(language)], path
        assert re.findall(r'rel="icon" href="/static/(\w+\.svg)', page) == ["plain.svg"], path
        assert not re.findall(r"<meta[^>]*(?:og:|description|application-name)|rel=.manifest", page)
    assert not any(name in pages["/leave"] for name in NAMES)
    assert any(name in pages["/"] for name in NAMES)
    assert calendar.headers["content-disposition"] == 'attachment; filename="schedule.ics"'
    assert icon.headers["content-type"] == "image/svg+xml"


async def test_titles_stay_what_they_are_unless_a_neutral_one_is_given(folders: Folders) -> None:
    async with site_with(folders, Trace(low=True)) as site:
        assert f"<title>Watch · {NAMES[0]}</title>" in (await site.client.get("/watch")).text
        assert "/static/favicon.svg" in (await site.client.get("/watch")).text
        assert "keepers.ics" in (await site.client.get("/schedule.ics")).headers["content-disposition"]
        assert NAMES[0] not in (await site.client.get("/leave")).text


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_leaving_answers_a_blank_page_and_makes_the_browser_forget(folders: Folders, method: str) -> None:
    async with site_with(folders, LOW_TRACE) as site:
        answer = await site.client.request(method, "/leave", headers={"Sec-Fetch-Site": "same-origin"})
        elsewhere = await site.client.request(method, "/leave", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == elsewhere.status_code == 200
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert answer.headers["cache-control"] == "no-store"
    assert "You may close this page." in answer.text
    assert not re.findall(r"<(?:a|script|img|video|form|header|nav|footer)\b", answer.text)
    assert "clear-site-data" not in elsewhere.headers


async def test_the_button_is_on_every_public_page_and_never_on_the_crews(folders: Folders) -> None:
    async with site_with(folders, LOW_TRACE) as site:
        for path in set(PAGES) - {"/leave"}:
            assert (await site.client.get(path)).text.count('<form class="leave" method="post" action="/leave"') == 1
        await site.sign_in()
        assert 'class="leave"' not in await site.control()


async def test_without_the_choice_there_is_no_button_and_nothing_to_leave_to(folders: Folders) -> None:
    async with site_with(folders, Trace()) as site:
        assert 'class="leave"' not in (await site.client.get("/watch")).text
        assert (await site.client.post("/leave")).status_code == 404
        assert "/limits" not in (await site.client.get("/")).text
        assert "empty its cache" in (await site.client.get("/limits")).text


async def test_what_stays_is_said_and_every_page_leads_to_it(folders: Folders) -> None:
    async with site_with(folders, LOW_TRACE) as site:
        assert 'href="/limits"' in (await site.client.get("/watch")).text
        said = (await site.client.get("/limits")).text
    for word in ("history", "restart", "recent apps", "Keyboards", "calendar file", "memory", "looked up", "network"):
        assert word in said


@pytest.mark.parametrize(("trace", "said"), [(LOW_TRACE, "Tide tables"), (Trace(low=True), NAMES[0])])
def test_titles_amid_the_endless_sound_are_neutral_too(folders: Folders, trace: Trace, said: str) -> None:
    plan = replace(assembly(datetime.now(UTC)), trace=trace)
    site = Site.build(Settings.read({}, {}), folders, plan, SystemClock())
    assert Listen(site, asyncio.Event())._title().split(" – ")[0] == said
