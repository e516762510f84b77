"""Text without picture and sound: a page for weak lines, plain lines for terminals, and who gets which."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.stand_ins.assembly import assembly
from tests.stand_ins.running_site import RunningSite, running_site

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders

NOON = datetime(2027, 5, 2, 12, 0, 30, tzinfo=UTC)
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
           "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOW_TO = Path("docs/how-to/watch.md").read_text()
CURL = {"User-Agent": "curl/8.14.1", "Accept": "*/*"}


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data")


def stream(folders: Folders) -> None:
    """Make a playlist move."""
    (folders.public / "a64").mkdir(parents=True, exist_ok=True)
    (folders.public / "a64" / "index.m3u8").write_text("#EXTM3U\n")


async def test_the_lines_say_what_is_on_what_comes_and_where(folders: Folders) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        stream(folders)
        headers = {"Host": "keepers.example", "X-Forwarded-Proto": "https"}
        answer = await site.client.get("/now.txt", headers=headers)
    assert answer.text in HOW_TO
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=10"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.text == (
        "World Assembly of Lighthouse Keepers\n"
        "On air · The stream is running.\n"
        "\n"
        "NOW: The night the fog came\n"
        "  Svein Nordlys\n"
        "  11:40–12:20, Reykjavik time\n"
        "\n"
        "NEXT: Keeping watch together\n"
        "  Svein Nordlys · Mariam Daryaei\n"
        "  12:25–13:05, Reykjavik time\n"
        "\n"
        "Watch: https://keepers.example/watch\n"
        "Schedule: https://keepers.example/schedule\n"
    )


@pytest.mark.parametrize(("path", "headers"), [("/now.txt?lang=fa", {}), ("/now.txt", {"Accept-Language": "fa"})])
async def test_the_lines_are_in_the_language_asked_for(folders: Folders, path: str, headers: dict[str, str]) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        text = (await site.client.get(path, headers=headers)).text
    assert "گردهمایی جهانی فانوس‌بانان" in text
    assert "۱۱:۴۰–۱۲:۲۰" in text
    assert "The night" not in text


@pytest.mark.parametrize(("at", "expected"), [
    (NOON - timedelta(days=9), "NOW: Nothing is planned for this moment\n\nNEXT: Lighting the lamps\n"),
    (NOON - timedelta(days=9), "  Sat 1 May, 10:25–11:05, Reykjavik time\n"),
    (NOON + timedelta(days=1, hours=1, minutes=15), "NEXT: Nothing more is planned.\n"),
    (NOON + timedelta(days=9), "The gathering is over. Thank you for being there.\n"),
])
async def test_at_any_time_there_is_something_to_say(folders: Folders, at: datetime, expected: str) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(at)) as site:
        text = (await site.client.get("/now.txt")).text
    assert "Off air" in text or "Interrupted · Something is planned for now" in text
    assert expected in text


@pytest.mark.parametrize("path", ["/", "/watch"])
@pytest.mark.parametrize(("headers", "kind"), [
    (FIREFOX, "html"), ({}, "html"), (CURL, "plain"), ({**CURL, "User-Agent": "Wget/1.25.0"}, "plain"),
    ({**CURL, "Accept": "text/html"}, "html"), ({"Accept": "text/plain"}, "plain"),
    ({"Accept": "text/plain, text/html;q=0.5"}, "plain"), ({"Accept": "text/plain;q=0.5, */*"}, "html"),
    ({"Accept": ",,;q=;"}, "html"),
])
async def test_a_terminal_gets_lines_and_a_browser_a_page(
    folders: Folders, path: str, headers: dict[str, str], kind: str
) -> None:
    async with running_site(folders) as site:
        answer = await site.client.get(path, headers=headers)
    assert answer.headers["content-type"] == f"text/{kind}; charset=utf-8"
    assert answer.headers["vary"].endswith("Accept, Accept-Language, Save-Data, User-Agent")
    assert answer.headers["cache-control"] == "no-cache"
    assert ("\nWatch: http://" in answer.text) is (kind == "plain")


@pytest.mark.parametrize(("headers", "expected"), [
    ({"Host": "keepers.example"}, "http://keepers.example"),
    ({"Host": "keepers.example:8443", "X-Forwarded-Proto": "https"}, "https://keepers.example:8443"),
    ({"Host": "[2001:db8::7]:8700"}, "http://[2001:db8::7]:8700"),
    ({"Host": "keepers@elsewhere.example"}, "http://127.0.0.1:8700"), ({"Host": ""}, "http://127.0.0.1:8700"),
])
async def test_the_address_is_the_one_asked_by(folders: Folders, headers: dict[str, str], expected: str) -> None:
    async with running_site(folders) as site:
        text = (await site.client.get("/now.txt", headers=headers)).text
    assert f"\nWatch: {expected}/watch\n" in text


async def test_the_address_that_is_set_wins(folders: Folders) -> None:
    async with running_site(folders, public_address="https://keepers.example/") as site:
        assert "\nWatch: https://keepers.example/watch\n" in (await site.client.get("/now.txt")).text


async def text_page(site: RunningSite, path: str = "/text") -> str:
    return (await site.client.get(path, headers=FIREFOX)).text


async def test_the_page_says_what_is_on_and_what_comes(folders: Folders) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        stream(folders)
        page = await text_page(site)
    read = re.sub(r"<[^>]+>|\s+", " ", page.partition("<main")[2])
    said = ["On air", "The stream is running.", "The night the fog came", "Svein Nordlys", "Keeper of Ytre Skjær",
            "11:40–12:20", "Keepers tell what they saw", "Keeping watch together", "Mariam Daryaei", "12:25–13:05",
            "Songs of the coast", "Lighting the lamps", "Mon 3 May, 10:25–11:05", "Letters from remote rocks",
            "Atlantic/Reykjavik"]
    places = [read.find(words) for words in said]
    assert not [words for words, place in zip(said, places, strict=True) if place < 0]
    assert places == sorted(places)
    for address in ("/schedule", "/watch", "/text", "/text?every=60"):
        assert f'href="{address}"' in page


@pytest.mark.parametrize("language", ["en", "fa"])
async def test_the_page_costs_almost_nothing(folders: Folders, language: str) -> None:
    async with running_site(folders) as site:
        page = await text_page(site, f"/text?lang={language}")
        style = (await site.client.get(re.findall(r'stylesheet" href="([^"]+)', page)[0])).text
    assert len(gzip.compress(page.encode())) < 3 * 1024
    assert not re.findall(r'<(?:script|img|video|audio)|preload"(?! as="style")', page)
    assert "url(" not in style, "what the machine has is taken, and nothing fetched"


async def test_it_comes_anew_by_itself_only_where_that_was_asked_for(folders: Folders) -> None:
    refresh = '<meta http-equiv="refresh" content="60">'
    async with running_site(folders) as site:
        still, moving = await text_page(site, "/text?lang=fa"), await text_page(site, "/text?every=60&lang=fa")
        assert refresh not in await text_page(site, "/text?every=1")
    assert refresh not in still
    assert 'href="/text?every=60&amp;lang=fa"' in still
    assert refresh in moving
    assert 'href="/text?lang=fa"' in moving
