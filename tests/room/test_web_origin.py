"""The origin over a public folder made by hand."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from allpoints.kernel.files import write_atomically
from allpoints.web import waiting
from allpoints.web.origin import Origin
from allpoints.web.published import PublishedFiles

SEGMENT = bytes(range(256)) * 4


def ll_playlist(segment: int, parts: int) -> bytes:
    """Segments 10 to ``segment`` − 1 are finished; ``parts`` parts of ``segment`` are out."""
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXT-X-MEDIA-SEQUENCE:10"]
    for number in range(10, segment):
        lines += ["#EXTINF:1,", f"{number}.m4s"]
    lines += [f'#EXT-X-PART:DURATION=0.4,URI="{segment}.{part}.m4s"' for part in range(parts)]
    lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{segment}.{parts}.m4s"')
    return "\n".join(lines).encode() + b"\n"


@pytest.fixture
def public(tmp_path: Path) -> Path:
    rendition = tmp_path / "v240"
    rendition.mkdir()
    (tmp_path / "master.m3u8").write_bytes(b"#EXTM3U\n")
    (rendition / "index.m3u8").write_bytes(b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:10\n#EXTINF:2,\n10.m4s\n")
    (rendition / "long.m3u8").write_bytes(b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:2\n#EXTINF:10,\ng1-2x5.m4s\n")
    (rendition / "g1-2x5.m4s").write_bytes(SEGMENT)
    (rendition / "ll.m3u8").write_bytes(ll_playlist(12, 2))
    (rendition / "10.m4s").write_bytes(SEGMENT)
    (rendition / "init-1234abcd.mp4").write_bytes(b"init")
    (rendition / ".11.m4s.77.draft").write_bytes(b"draft")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return tmp_path


@pytest.fixture
async def client(public: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Origin(public))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/live/") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "kind", "cache"),
    [
        ("v240/10.m4s", "video/iso.segment", "public, max-age=31536000, immutable"),
        ("v240/g1-2x5.m4s", "video/iso.segment", "public, max-age=31536000, immutable"),
        ("v240/init-1234abcd.mp4", "video/mp4", "public, max-age=31536000, immutable"),
        ("v240/index.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"),
        ("v240/long.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"),
        ("master.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1"),
        ("v240/ll.m3u8", "application/vnd.apple.mpegurl", "no-cache"),
    ],
)
async def test_each_kind_has_its_type_and_its_time_in_caches(
    client: httpx.AsyncClient, name: str, kind: str, cache: str
) -> None:
    answer = await client.get(name)
    told = (answer.status_code, answer.headers["content-type"], answer.headers["cache-control"])
    assert told == (200, kind, cache)
    assert answer.headers["access-control-allow-origin"] == "*"
    head = await client.head(name)
    assert head.content == b""
    assert head.headers["content-length"] == answer.headers["content-length"]


@pytest.mark.parametrize(
    "name", ["v240/99.m4s", "v240/.11.m4s.77.draft", "secret.txt", "nothing/index.m3u8", "", "v240/",
             "%2e%2e/secret.mp4", "v240/..%2fmaster.m3u8"],
)
async def test_what_is_not_published_is_not_there_and_that_is_not_cached(
    client: httpx.AsyncClient, name: str
) -> None:
    answer = await client.get(name)
    assert (answer.status_code, answer.headers["cache-control"], answer.content) == (404, "no-store", b"")


async def test_a_link_out_of_the_folder_is_not_followed(client: httpx.AsyncClient, public: Path) -> None:
    (public / "v240" / "77.m4s").symlink_to(public / "secret.txt")
    assert (await client.get("v240/77.m4s")).status_code == 404


async def test_what_is_known_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for name in ("v240/10.m4s", "v240/index.m3u8"):
        etag = (await client.get(name)).headers["etag"]
        again = await client.get(name, headers={"If-None-Match": f'"other", {etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert (await client.get(name, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_ranges_of_media(client: httpx.AsyncClient) -> None:
    part = await client.get("v240/10.m4s", headers={"Range": "bytes=10-19"})
    told = (part.status_code, part.content, part.headers["content-range"])
    assert told == (206, SEGMENT[10:20], "bytes 10-19/1024")
    beyond = await client.get("v240/10.m4s", headers={"Range": "bytes=2000-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */1024")
    changed = await client.get("v240/10.m4s", headers={"Range": "bytes=0-1", "If-Range": '"older"'})
    assert (changed.status_code, len(changed.content)) == (200, 1024)


async def test_playlists_are_packed_for_those_who_take_it(client: httpx.AsyncClient) -> None:
    plain = await client.get("v240/index.m3u8", headers={"Accept-Encoding": "identity"})
    packed = await client.get("v240/index.m3u8", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in (await client.get("v240/10.m4s", headers={"Accept-Encoding": "gzip"})).headers


async def test_a_changed_playlist_is_seen_at_once(client: httpx.AsyncClient, public: Path) -> None:
    before = await client.get("v240/index.m3u8")
    write_atomically(public / "v240" / "index.m3u8", before.content.replace(b"10.m4s", b"11.m4s"))
    assert b"11.m4s" in (await client.get("v240/index.m3u8")).content


async def test_other_sites_may_ask_and_only_ask(client: httpx.AsyncClient) -> None:
    preflight = await client.options("v240/10.m4s", headers={"Origin": "https://mirror.example"})
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "GET, HEAD, OPTIONS")
    assert (await client.post("v240/10.m4s")).status_code == 405


async def test_other_sites_see_how_old_a_playlist_is_and_media_carry_nothing_that_nobody_reads(
    client: httpx.AsyncClient,
) -> None:
    playlist = await client.get("v240/index.m3u8")
    assert playlist.headers["access-control-expose-headers"] == "Date, Last-Modified"
    assert playlist.headers["last-modified"].endswith("GMT")
    assert set((await client.get("v240/10.m4s")).headers) == {
        "access-control-allow-origin", "cross-origin-resource-policy", "x-content-type-options", "cache-control",
        "etag", "accept-ranges", "content-type", "content-length",
    }
    part = await client.get("v240/10.m4s", headers={"Range": "bytes=10-"})
    assert part.headers["access-control-expose-headers"] == "Content-Range"


async def test_a_blocking_reload_waits_for_its_part(client: httpx.AsyncClient, public: Path) -> None:
    asked = asyncio.create_task(client.get("v240/ll.m3u8?_HLS_msn=12&_HLS_part=2"))
    await asyncio.sleep(0.1)
    assert not asked.done()
    write_atomically(public / "v240" / "ll.m3u8", ll_playlist(12, 3))
    answer = await asyncio.wait_for(asked, 1)
    assert (answer.status_code, answer.content.count(b"EXT-X-PART:")) == (200, 3)


@pytest.mark.parametrize("query", ["_HLS_msn=11", "_HLS_msn=12&_HLS_part=1", "_HLS_skip=YES", "_HLS_msn=3", "x=1"])
async def test_what_is_there_is_sent_at_once(client: httpx.AsyncClient, query: str) -> None:
    async with asyncio.timeout(0.3):
        assert (await client.get(f"v240/ll.m3u8?{query}")).status_code == 200


@pytest.mark.parametrize("query", ["_HLS_msn=14", "_HLS_part=1", "_HLS_msn=x", "_HLS_msn=-1",
                                   "_HLS_msn=12&_HLS_part=z"])
async def test_what_cannot_be_meant_is_a_bad_request(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"v240/ll.m3u8?{query}")).status_code == 400


async def test_a_stream_that_stands_is_said_after_three_target_durations(client: httpx.AsyncClient) -> None:
    start = asyncio.get_running_loop().time()
    answer = await client.get("v240/ll.m3u8?_HLS_msn=12&_HLS_part=4")
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert 2.9 < asyncio.get_running_loop().time() - start < 4


async def test_a_promised_part_is_waited_for_and_another_is_not(client: httpx.AsyncClient, public: Path) -> None:
    asked = asyncio.create_task(client.get("v240/12.2.m4s"))
    assert (await client.get("v240/12.3.m4s")).status_code == 404
    assert not asked.done()
    write_atomically(public / "v240" / "12.2.m4s", b"part")
    assert (await asyncio.wait_for(asked, 1)).content == b"part"


async def test_thousands_wait_at_the_price_of_one_look(
    client: httpx.AsyncClient, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    look = PublishedFiles.playlist

    def counting(self: PublishedFiles, name: str) -> object:
        nonlocal looks
        looks += 1
        return look(self, name)

    asked = [asyncio.create_task(client.get("v240/ll.m3u8?_HLS_msn=12&_HLS_part=2")) for _ in range(2000)]
    await asyncio.sleep(0.7)
    monkeypatch.setattr(PublishedFiles, "playlist", counting)
    await asyncio.sleep(0.3)
    assert 1 <= looks <= 0.3 / waiting.POLL_SECONDS + 2
    monkeypatch.undo()
    write_atomically(public / "v240" / "ll.m3u8", ll_playlist(12, 3))
    assert {answer.status_code for answer in await asyncio.wait_for(asyncio.gather(*asked), 10)} == {200}


async def test_waiters_who_leave_are_forgotten(public: Path) -> None:
    room = waiting.WaitingRoom()
    waiter = asyncio.create_task(room.wait("k", lambda: False, 60))
    await asyncio.sleep(0.03)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    await asyncio.sleep(4 * waiting.POLL_SECONDS)
    assert not room._questions
    assert room._poller is not None
    assert room._poller.done()


async def test_packed_playlists_unpack_to_the_same(public: Path) -> None:
    playlist = PublishedFiles(public).playlist("v240/ll.m3u8")
    assert playlist is not None
    assert gzip.decompress(playlist.gzipped) == playlist.body
    (public / "v240" / "ll.m3u8").unlink()
    assert PublishedFiles(public).playlist("v240/ll.m3u8") is None
