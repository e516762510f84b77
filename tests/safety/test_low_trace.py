"""A phone is seized after its owner watched: what a real browser's profile holds of the gathering, byte by byte."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Live
from tests.safety.conftest import ask_for, watch_for
from tests.stand_ins.assembly import LOW_TRACE, assembly
from tests.stand_ins.profile_search import LEVELDB, forms, found
from tests.stand_ins.profiles import own_chromium

from allpoints.schedule.model import Localized, Trace

HISTORY = re.compile(r"profile/Default/(?:History|Sessions/|Top Sites|Favicons|Shortcuts|Visited Links)")
"""Chromium's files of addresses and titles. Nothing but a neutral title keeps the gathering's name out of them."""

WRITES_DOWN_MS = 11_000
"""Chromium writes its history every ten seconds: a phone that is taken earlier holds less."""


@pytest.fixture
def phone() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def visit(page: Page, live: Live) -> set[str]:
    """All that a viewer does; the names of the media that the browser was given."""
    media: set[str] = set()
    page.on("requestfinished", lambda request: media.add(request.url.partition("/live/")[2]))
    page.goto(live.address)
    page.goto(f"{live.address}/watch")
    watch_for(page, 15)
    page.get_by_role("link", name="Schedule", exact=True).click()
    page.locator(".languages summary").click()
    page.get_by_role("link", name="فارسی").click()
    page.wait_for_function("document.documentElement.lang === 'fa'")
    page.goto(f"{live.address}{page.locator('.top nav a').first.get_attribute('href')}")
    assert page.evaluate("document.documentElement.lang") == "fa"
    watch_for(page, 2)
    return {name for name in media if name.endswith((".m4s", ".mp4"))}


def window(media: bytes) -> bytes:
    """24 bytes from the middle on which tell one file from others, and are no filling."""
    middle = range(len(media) // 2, len(media) - 24)
    return next(part for at in middle if len(set(part := media[at:at + 24])) > 14)


def texts(content: Localized) -> set[str]:
    return set(content.texts.values())


def said() -> set[str]:
    """What only this gathering says: its name, its sessions, its speakers."""
    plan = assembly(datetime.now(UTC))
    sessions = [session.title for day in plan.days for session in day.sessions]
    return set().union(*map(texts, (plan.title, plan.tagline, *sessions, *(person.name for person in plan.persons))))


def look_for(live: Live, media: set[str]) -> dict[str, list[bytes]]:
    wanted = {name: [window((live.folders.public / name).read_bytes())] for name in media}
    assert sum("init" in name for name in wanted) >= 2
    assert len(wanted) > 12
    secret = (live.data / "secret.txt").read_text()
    return wanted | {text: forms(text) for text in (*said(), secret, "allpoints-staff")}


def seize(folder: Path, live: Live, end: str) -> tuple[Mapping[str, set[str]], dict[str, list[bytes]]]:
    """Watch, stop in one of three ways; what is found then, and what was looked for."""
    with own_chromium(folder) as own:
        page = own.page
        media = visit(page, live)
        if end == "leaves by the button":
            page.locator(".leave button").click()
            page.wait_for_url("**/leave**")
        page.wait_for_timeout(WRITES_DOWN_MS if end == "is killed" else 1000)
        (own.kill if end == "is killed" else own.close)()
    wanted = look_for(live, media)
    return found(folder, wanted), wanted


def leveldb_table(block: bytes) -> bytes:
    """A table of one packed block, as LevelDB lays it out."""
    index = bytes([0, 1, 2]) + b"k" + bytes([0, len(block)]) + struct.pack("<II", 0, 1)
    unchecked = bytes(4)
    footer = bytes([0, 0, len(block) + 5, len(index)]).ljust(40, b"\0") + LEVELDB
    return block + b"\1" + unchecked + index + b"\0" + unchecked + footer


def test_what_is_packed_would_be_found(tmp_path: Path) -> None:
    name = "World Assembly of Lighthouse Keepers"
    (tmp_path / "cache").write_bytes(b"head" + gzip.compress(f"<h1>{name}</h1>".encode()) + b"tail")
    (tmp_path / "session").write_bytes(b"odd" + name.encode("utf-16-le"))
    (tmp_path / "preferences").write_text(json.dumps({"title": "گردهمایی"}))
    # Eight letters, four of before, a space, and seven of before.
    packed = bytes([20, 7 << 2]) + b"keepers " + bytes([1, 8, 0]) + b" " + bytes([6 << 2 | 2, 13, 0])
    (tmp_path / "000005.ldb").write_bytes(leveldb_table(packed))
    with closing(sqlite3.connect(tmp_path / "database")) as database:
        database.execute("CREATE TABLE kept (at INT, text TEXT)")
        database.execute("INSERT INTO kept VALUES (1, ?)", ("x" * 470 + name + "x" * 4000,))
        database.commit()
    wanted = {"name": forms(name), "persian": forms("گردهمایی"), "keep": [b"keepers keep keepers"]}
    assert name.encode() not in (tmp_path / "database").read_bytes()
    assert found(tmp_path, wanted) == {
        "name": {"cache", "session", "database"}, "persian": {"preferences"}, "keep": {"000005.ldb"}}


def test_without_the_choice_the_search_finds_all_of_it(live: Live, phone: Path) -> None:
    """The control: the same visit, ended by closing the browser."""
    ask_for(live, Trace())
    hits, wanted = seize(phone, live, "closes the browser")
    assert {name for name in wanted if name.endswith((".m4s", ".mp4"))} <= set(hits)
    cached = {name for name, files in hits.items() if any("/Cache/" in file for file in files)}
    assert cached >= texts(assembly(datetime.now(UTC)).title)
    assert len(cached & said()) > 12
    assert any(HISTORY.match(file) for file in hits["World Assembly of Lighthouse Keepers"])


@pytest.mark.soak  # what leaving empties is shown by test_leaving.py in make test
def test_who_leaves_by_the_button_has_nothing_of_it_not_even_a_title(live: Live, phone: Path) -> None:
    ask_for(live, LOW_TRACE)
    hits, _ = seize(phone, live, "leaves by the button")
    assert not hits


def test_a_phone_that_is_taken_amid_watching_has_the_title_in_its_history_and_nothing_else(
    live: Live, phone: Path
) -> None:
    """Without a neutral title; with one there is nothing, as above."""
    ask_for(live, Trace(low=True))
    hits, _ = seize(phone, live, "is killed")
    assert set(hits) <= texts(assembly(datetime.now(UTC)).title)
    assert not [file for files in hits.values() for file in files if not HISTORY.match(file)]
