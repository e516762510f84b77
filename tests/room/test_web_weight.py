"""What a first visit to a page costs in bytes on the way: the page, its sheet and its own script, all packed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest
from tests.stand_ins.running_site import running_site

from allpoints.kernel.folders import Folders
from allpoints.kernel.text.translations import LANGUAGES

KILOBYTE = 1024
FIRST_PAGE = 14 * KILOBYTE
WITHOUT_BROTLI = 15 * KILOBYTE
"""Over HTTP browsers take gzip alone: so much for those who run it in a hall without a name or a certificate."""
FIRST_RULES = 1.3 * KILOBYTE
"""What the text of a page waits for is within the page."""


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """As on air: the watch page knows of every rendition of sound alone."""
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    for name in ("a64", "a32", "opus16"):
        (folders.public / name).mkdir()
        (folders.public / name / "index.m3u8").write_text("#EXTM3U\n")
    return folders


def own(page: str) -> list[str]:
    """The addresses that a browser with scripts fetches for a page: its sheets and scripts."""
    with_script = re.sub(r"<noscript>.*?</noscript>", "", page, flags=re.DOTALL)
    return re.findall(r'<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"', with_script)


async def sent(client: httpx.AsyncClient, address: str, accepted: str = "gzip, deflate, br, zstd") -> int:
    """The body's bytes as they travel; browsers take brotli over HTTPS."""
    async with client.stream("GET", address, headers={"Accept-Encoding": accepted}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-encoding"] in ("gzip", "br")
        return sum([len(chunk) async for chunk in answer.aiter_raw()])


@pytest.mark.parametrize("path", ["/", "/schedule", "/watch"])
async def test_a_first_page_is_at_most_14_kilobytes(folders: Folders, path: str) -> None:
    async with running_site(folders) as site:
        for language in LANGUAGES:
            address = f"{path}?lang={language}"
            parts = [address, *own((await site.client.get(address)).text)]
            weights = [await sent(site.client, part) for part in parts]
            as_gzip = [await sent(site.client, part, "gzip") for part in parts]
            print(f"{address}: {' + '.join(map(str, weights))} = {sum(weights)} bytes, without brotli {sum(as_gzip)}")
            assert len(parts) == 3, "each file more costs a weak line a round trip"
            assert sum(weights) <= FIRST_PAGE
            assert sum(as_gzip) <= WITHOUT_BROTLI


async def test_text_waits_for_nothing_but_its_page(folders: Folders) -> None:
    async with running_site(folders) as site:
        head, body = (await site.client.get("/watch")).text.split("</head>")
    (first,) = re.findall(r"<style>(.*?)</style>", head, flags=re.DOTALL)
    (sheet,) = [address for address in own(body) if address.endswith(".css") or ".css?" in address]
    assert len(gzip.compress(first.encode())) <= FIRST_RULES
    assert 'rel="stylesheet"' not in head
    assert f'<link rel="preload" as="style" href="{sheet}">' in head, "asked for as soon as the page begins to come"
    assert sheet in body.split("</main>")[1], "but behind the text"


async def test_a_script_is_one_file(folders: Folders) -> None:
    async with running_site(folders) as site:
        (script,) = re.findall(r'<script type="module" src="([^"]+)"', (await site.client.get("/watch")).text)
        text = (await site.client.get(script)).text
    assert not re.findall(r"""\bfrom\s*["']|\bimport\s*["']""", text)
    assert len(text) > 10_000


async def test_public_pages_are_packed_for_those_who_take_it(folders: Folders) -> None:
    async with running_site(folders) as site:
        packed = await site.client.get("/", headers={"Accept-Encoding": "br, gzip"})
        plain = await site.client.get("/", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert "Accept-Encoding" in plain.headers["vary"]
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 6))


@pytest.mark.parametrize("path", ["/", "/schedule", "/watch", "/status"])
async def test_a_packed_page_holds_no_token(folders: Folders, path: str) -> None:
    async with running_site(folders) as site:
        await site.sign_in()
        answer = await site.client.get(path)
    assert answer.headers["content-encoding"] == "gzip"
    assert "csrf" not in answer.text


@pytest.mark.parametrize("path", ["/control/sign-in", "/control", "/nowhere"])
async def test_what_may_hold_a_token_or_what_a_visitor_sent_is_never_packed(folders: Folders, path: str) -> None:
    async with running_site(folders) as site:
        await site.sign_in()
        answer = await site.client.get(path, headers={"Accept-Encoding": "gzip", "Accept": "text/html"})
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
