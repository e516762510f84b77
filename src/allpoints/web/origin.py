"""The origin: published media and playlists over HTTP, stateless over the public directory.

A plain ASGI application, because media pass here and a framework would cost more than the work. nginx over the same
directory gives the same answers, blocking reload aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs

from litestar.types import HTTPScope, Receive, Send

from allpoints.web.published import PUBLIC_NAME, Media, Playlist, PublishedFiles
from allpoints.web.waiting import WaitingRoom

PREFIX = "/live/"
_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {"m3u8": "application/vnd.apple.mpegurl", "m4s": "video/iso.segment", "mp4": "video/mp4"}
_CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)
# On a weak line headers are a twentieth of all bytes: each answer shows other sites only what players read of it.
_SHOW_AGE = ("access-control-expose-headers", "Date, Last-Modified")
_SHOW_RANGE = ("access-control-expose-headers", "Content-Range")
_PREFLIGHT = (
    ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
    ("access-control-allow-headers", "Range, If-None-Match, If-Range"),
    ("access-control-max-age", "86400"),
)
Headers = Iterable[tuple[str, str]]


class Origin:
    """ASGI application for everything under ``/live/``. Playlists are given only while ``is_on_air``."""

    def __init__(self, public: Path, is_on_air: Callable[[], bool] = lambda: True) -> None:
        self._files = PublishedFiles(public)
        self._is_on_air = is_on_air
        self._room = WaitingRoom()

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request. Error answers are never cached: what is not there may be there in a moment."""
        answer = _Answer(scope, send)
        name = scope["path"].removeprefix(PREFIX)
        if answer.method == "OPTIONS":
            await answer.send(204, _PREFLIGHT)
        elif answer.method not in ("GET", "HEAD"):
            await answer.send(405, [("allow", "GET, HEAD, OPTIONS")])
        elif not PUBLIC_NAME.fullmatch(name):
            await answer.refuse(404)
        elif name.endswith(".m3u8"):
            await self._playlist(name, scope["query_string"], answer)
        else:
            await self._media(name, answer)

    async def _playlist(self, name: str, query: bytes, answer: _Answer) -> None:
        if not self._is_on_air():
            # What stands in front asks the other machine: only the one on air says what the newest is.
            await answer.send(503, [("cache-control", "no-store"), ("retry-after", "1")])
            return
        playlist = self._files.playlist(name)
        if playlist is None:
            await answer.refuse(404)
            return
        if b"_HLS_" in query:
            asked = _Directives.parse(query)
            if asked is None or playlist.position.is_too_far(asked.segment):
                await answer.refuse(400)
                return
            waited = await self._room.wait(
                f"{name} {asked.segment} {asked.part}", lambda: self._holds(name, asked),
                3 * playlist.position.target_seconds,
            )
            playlist = self._files.playlist(name)
            if not waited or playlist is None or not self._is_on_air():
                await answer.refuse(503 if playlist else 404)
                return
        is_low_latency = name.endswith(("ll.m3u8", "-ll.m3u8"))
        await answer.playlist(playlist, "no-cache" if is_low_latency else "public, max-age=1")

    def _holds(self, name: str, asked: _Directives) -> bool:
        playlist = self._files.playlist(name)
        return playlist is None or playlist.position.holds(asked.segment, asked.part)

    async def _media(self, name: str, answer: _Answer) -> None:
        media = self._files.media(name)
        if media is None and (seconds := self._hinted_for(name)):
            await self._room.wait(name, lambda: self._files.exists(name), seconds)
            media = self._files.media(name)
        if media is None:
            await answer.refuse(404)
        else:
            await answer.media(media, _TYPES[name.rpartition(".")[2]])

    def _hinted_for(self, name: str) -> float:
        """Seconds to wait for a part that the rendition's playlist promises; 0 for any other name."""
        folder, _, part = name.rpartition("/")
        playlist = self._files.playlist(f"{folder}/ll.m3u8") if folder else None
        if playlist is None or playlist.position.hint != part:
            return 0.0
        return 3.0 * playlist.position.target_seconds


class _Directives:
    """The delivery directives of a blocking reload. ``_HLS_skip`` may be ignored, and is."""

    def __init__(self, segment: int, part: int | None) -> None:
        self.segment = segment
        self.part = part

    @classmethod
    def parse(cls, query: bytes) -> _Directives | None:
        """None for a query that the specification calls a bad request."""
        given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
        segment, part = given.get("_HLS_msn"), given.get("_HLS_part")
        if segment is None:
            return None if part else cls(-1, None)
        if not re.fullmatch(r"\d{1,15}", segment[0], re.ASCII):
            return None
        if part is not None and not re.fullmatch(r"\d{1,4}", part[0], re.ASCII):
            return None
        return cls(int(segment[0]), int(part[0]) if part else None)


class _Answer:
    """One response being made."""

    def __init__(self, scope: HTTPScope, send: Send) -> None:
        self.method: str = scope["method"]
        self._given = {name: value.decode("latin-1") for name, value in scope["headers"]}
        self._send = send

    async def refuse(self, status: int) -> None:
        await self.send(status, [("cache-control", "no-store")])

    async def playlist(self, playlist: Playlist, cache: str) -> None:
        packed = "gzip" in self._given.get(b"accept-encoding", "")
        etag = f'"{playlist.etag}-gzip"' if packed else f'"{playlist.etag}"'
        headers = [("cache-control", cache), ("etag", etag), ("vary", "Accept-Encoding"),
                   ("last-modified", playlist.modified), _SHOW_AGE]
        if self._is_known(etag):
            await self.send(304, headers)
            return
        headers.append(("content-type", _TYPES["m3u8"]))
        if packed:
            headers.append(("content-encoding", "gzip"))
        await self.send(200, headers, playlist.gzipped if packed else playlist.body)

    async def media(self, media: Media, kind: str) -> None:
        etag, size = f'"{media.etag}"', len(media.body)
        headers = [("cache-control", _FOREVER), ("etag", etag), ("accept-ranges", "bytes")]
        if self._is_known(etag):
            await self.send(304, headers)
            return
        wanted = self._given.get(b"range", "")
        if self._given.get(b"if-range", etag) != etag:
            wanted = ""
        span = byte_range(wanted, size)
        if span == "unsatisfiable":
            await self.send(416, [("content-range", f"bytes */{size}"), ("cache-control", "no-store")])
        elif span is None:
            await self.send(200, [*headers, ("content-type", kind)], media.body)
        else:
            first, last = span
            headers += [("content-type", kind), ("content-range", f"bytes {first}-{last}/{size}"), _SHOW_RANGE]
            await self.send(206, headers, media.body[first : last + 1])

    def _is_known(self, etag: str) -> bool:
        asked = self._given.get(b"if-none-match", "")
        return asked == "*" or etag in (tag.strip().removeprefix("W/") for tag in asked.split(","))

    async def send(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        fields = [*_CORS, *((name.encode(), value.encode()) for name, value in headers)]
        if status not in (204, 304):
            fields.append((b"content-length", str(len(body)).encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": fields})
        sent = b"" if self.method == "HEAD" else body
        await self._send({"type": "http.response.body", "body": sent, "more_body": False})


def byte_range(header: str, size: int) -> tuple[int, int] | Literal["unsatisfiable"] | None:
    """The first and last byte asked for (RFC 9110, 14.1.2), ``"unsatisfiable"``, or None for the whole.

    Several ranges at once, other units and nonsense are answered with the whole, as the standard allows.
    """
    match = re.fullmatch(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", header, re.ASCII)
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        return (size - length, size - 1) if length else "unsatisfiable"
    first = int(match[1])
    if first >= size:
        return "unsatisfiable"
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    return (first, last) if first <= last else None
