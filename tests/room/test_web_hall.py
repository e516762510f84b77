"""The hall screen: what is on it, and where its QR code leads."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno
from tests.stand_ins.assembly import assembly
from tests.stand_ins.running_site import running_site

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.web.join_link import QUIET_ZONE, qr_code

NOON = datetime(2027, 5, 2, 12, 0, 30, tzinfo=UTC)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.beneath(tmp_path / "data")


def modules(svg: str) -> list[list[int]]:
    """What is drawn, module by module, the quiet zone cut off: 1 is dark."""
    size = int(re.findall(r'viewBox="0 0 (\d+) \1"', svg)[0])
    assert f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>' in svg
    (drawn,) = re.findall(r'<path stroke="#000" d="([^"]+)"', svg)
    rows = [[0] * size for _ in range(size)]
    across, down = 0.0, 0.0
    for kind, numbers in re.findall(r"([Mmh])([\d. -]+)", drawn):
        given = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if kind == "h":
            for column in range(int(given[0])):
                rows[int(down)][int(across) + column] = 1
            across += given[0]
        else:
            across, down = (given[0], given[1]) if kind == "M" else (across + given[0], down + given[1])
    zone = range(QUIET_ZONE, size - QUIET_ZONE)
    assert sum(map(sum, rows)) == sum(rows[row][column] for row in zone for column in zone)
    return [[rows[row][column] for column in zone] for row in zone]


@pytest.mark.parametrize("link", ["http://127.0.0.1:8700/watch", f"https://{'long-' * 30}name.example/watch"])
def test_the_code_is_dark_on_white_with_room_around_it(link: str) -> None:
    assert modules(qr_code(link)) == [list(row) for row in segno.make(link, error="m", micro=False).matrix]


@pytest.mark.parametrize(("public_address", "headers", "link"), [
    ("", {}, "http://localhost:8700/watch"),
    ("", {"Host": "keepers.example", "X-Forwarded-Proto": "https"}, "https://keepers.example/watch"),
    ("https://keepers.example", {}, "https://keepers.example/watch"),
])
async def test_the_code_leads_to_the_watch_page_in_any_language(
    folders: Folders, public_address: str, headers: dict[str, str], link: str
) -> None:
    async with running_site(folders, public_address=public_address) as site:
        page = (await site.client.get("/hall?lang=fa", headers=headers)).text
        alone = await site.client.get("/hall/qr.svg", headers=headers)
    assert qr_code(link) in page
    assert f'<p class="join-link" dir="ltr">{link.split("/")[2]}<wbr>/watch</p>' in page
    assert (alone.headers["content-type"], alone.text) == ("image/svg+xml", qr_code(link))


async def test_it_says_what_is_on_and_what_comes_and_the_rest_of_the_day(folders: Folders) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON)) as site:
        page = (await site.client.get("/hall")).text
    now, next_, today = (page.split(f'data-region="{name}"')[1].split("</section>")[0]
                         for name in ("now", "next", "today"))
    assert "The night the fog came" in now
    assert "Keeper of Ytre Skjær" in now
    assert "Keeping watch together" in next_
    assert 'datetime="2027-05-02T12:25:00+00:00"' in next_
    assert "Mariam Daryaei" in next_
    assert "Sunday 2 May" in today
    assert re.findall(r"<span>([^<]+)</span></li>", today) == [
        "The night the fog came", "Keeping watch together", "Songs of the coast"]
    assert today.count("aria-current") == 1
    assert 'data-at="2027-05-02T12:00:30+00:00" data-changes-at="2027-05-02T12:20:00+00:00"' in page


@pytest.mark.parametrize(("after", "now", "next_", "day"), [
    (timedelta(hours=9), "Nothing is planned for this moment", "Lighting the lamps", "Monday 3 May"),
    (timedelta(days=9), "Nothing is planned for this moment", "Nothing more is planned.", None),
])
async def test_between_days_and_after_them_it_says_so(
    folders: Folders, after: timedelta, now: str, next_: str, day: str | None
) -> None:
    async with running_site(folders, gathering=assembly(NOON), clock=ManualClock(NOON + after)) as site:
        page = (await site.client.get("/hall")).text
    assert now in page
    assert next_ in page
    assert (day in page) if day else ('<ol class="today">' not in page)


async def test_without_scripts_it_comes_anew_each_minute_and_leads_to_a_picture(folders: Folders) -> None:
    async with running_site(folders) as site:
        page = (await site.client.get("/hall?lang=fa")).text
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in page
    assert 'href="/plain?lang=fa"' in page.split("<noscript><p")[1].split("</noscript>")[0]
