"""Every word of every page was handed to a translator: in the pseudo-locale none stands there plain."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.stand_ins.assembly import assembly
from tests.stand_ins.running_site import running_site

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.text.translations import LANGUAGES, PSEUDO, for_language

NOON = datetime(2027, 5, 2, 12, 0, 30, tzinfo=UTC)
PAGES = ["/", "/schedule", "/watch", "/status", "/text", "/limits", "/control/sign-in", "/nowhere", "/control"]
SAID = ("aria-label", "title", "alt", "placeholder", "data-zone-note", "data-there")
INLINE = frozenset({"code", "bdi", "a", "strong", "b"})
UNSPOKEN = frozenset({"code", "kbd", "script", "style", "time", "svg"})
DAY = re.compile(r"\b(?:Sat|Sun|Mon)(?:urday|day)?\b|\bMay\b")
DRESSED = re.compile("⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧")


class Said(HTMLParser):
    """All text of a page, and what attributes say."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = [""]
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.texts.append("")
        if tag not in ("meta", "link", "input", "img", "br", "source"):
            self._within.append(tag)
        for name, value in attrs:
            if name in SAID and value:
                self.texts.insert(0, value)
            elif name == "data-words":
                self.texts[:0] = map(str, json.loads(value or "{}").values())

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.texts.append("")
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not UNSPOKEN & set(self._within):
            self.texts[-1] += data


def of_the_plan(gathering: object) -> list[str]:
    """Every text of the gathering itself, the longest first."""
    found = set(re.findall(r"'en': '([^']+)'", repr(gathering)))
    named = {"Reykjavik", "Atlantic/Reykjavik", "Persian", *(for_language(tag).own_name for tag in LANGUAGES)}
    return sorted(found | named, key=len, reverse=True)


def plain_words(html: str, known: list[str]) -> list[str]:
    reading = Said()
    reading.feed(html)
    left = []
    for text in reading.texts:
        rest = text
        for each in known:
            rest = rest.replace(each, "")
        rest = DAY.sub("", DRESSED.sub("", rest))
        if re.search(r"[A-Za-z]{2}", rest):
            left.append(rest.strip())
    return left


@pytest.mark.parametrize("path", PAGES)
async def test_no_word_is_left_in_plain_english(tmp_path: Path, path: str) -> None:
    gathering = assembly(NOON)
    async with running_site(Folders.beneath(tmp_path), gathering=gathering, clock=ManualClock(NOON)) as site:
        if path == "/control":
            await site.sign_in()
        page = (await site.client.get(f"{path}?lang={PSEUDO}")).text
    assert "⟦" in page
    assert plain_words(page, [*of_the_plan(gathering), "Ada", "Allpoints"]) == []


def test_a_plain_word_would_be_found() -> None:
    assert plain_words('<p title="Loud">⟦Fîñé⟧ <b>Quiet</b></p>', []) == ["Loud", "Quiet"]
