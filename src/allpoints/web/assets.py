"""Scripts, styles, fonts and pictures of the pages: read once, sent from memory, packed where that helps."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from litestar.types import HTTPScope, Receive, Send

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
BROTLI = ".br"
"""What the front end's build has packed lies beside the file."""
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2",
          ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
_PACKED = frozenset({".js", ".css", ".svg", ".txt"})
_HASHED_NAME = re.compile(r"-[A-Z0-9]{8}\.(?:js|css)$")


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    kind: str
    version: str
    body: bytes
    packed: Mapping[str, bytes]

    def chosen(self, accepted: str) -> tuple[str, bytes]:
        """What an ``Accept-Encoding`` header gets: the name of the packing, or nothing, and the bytes."""
        names = {entry.partition(";")[0].strip() for entry in accepted.split(",")}
        best = next((name for name in ("br", "gzip") if name in names and name in self.packed), "")
        return best, self.packed.get(best, self.body)


class Assets:
    """ASGI application for everything under ``/static/``."""

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self._assets = assets

    @classmethod
    def read(cls, folder: Path = FOLDER) -> Assets:
        """Take in all files below ``folder``."""
        return cls({str(path.relative_to(folder)): _read(path) for path in sorted(folder.rglob("*"))
                    if path.is_file() and not path.name.startswith(".") and path.suffix != BROTLI})

    def address(self, name: str) -> str:
        """The address of a file, with its version: another content, another address. KeyError for an unknown one."""
        return f"{PREFIX}{name}?v={self._assets[name].version}"

    @property
    def first_sheet(self) -> str:
        """The rules that the text of a page waits for; each page carries them within itself."""
        return self._assets["dist/first.css"].body.decode()

    @property
    def first_sheet_digest(self) -> str:
        """By this a Content-Security-Policy takes these rules within a page, and no others."""
        return "sha256-" + base64.b64encode(hashlib.sha256(self.first_sheet.encode()).digest()).decode()

    def engine(self, name: str) -> str:
        """The address of a player's engine, whose file name carries its version."""
        return next(f"{PREFIX}{each}" for each in self._assets if each.startswith(f"dist/{name}-"))

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path"].removeprefix(PREFIX)
        asset = self._assets.get(name)
        if asset is None or scope["method"] not in ("GET", "HEAD"):
            await _send(send, 404 if asset is None else 405, [(b"cache-control", b"no-store")])
            return
        given = dict(scope["headers"])
        is_versioned = scope["query_string"] == f"v={asset.version}".encode() or _HASHED_NAME.search(name)
        cache = b"public, max-age=31536000, immutable" if is_versioned else b"public, max-age=3600"
        packing, body = asset.chosen(given.get(b"accept-encoding", b"").decode("latin-1"))
        etag = f'"{asset.version}{packing and "-"}{packing}"'.encode()
        headers = [(b"cache-control", cache), (b"etag", etag), (b"vary", b"Accept-Encoding"),
                   (b"x-content-type-options", b"nosniff")]
        if etag in given.get(b"if-none-match", b""):
            await _send(send, 304, headers)
            return
        headers.append((b"content-type", asset.kind.encode()))
        if packing:
            headers.append((b"content-encoding", packing.encode()))
        await _send(send, 200, headers, body, is_head=scope["method"] == "HEAD")


def _read(path: Path) -> Asset:
    body, brotli = path.read_bytes(), path.with_name(path.name + BROTLI)
    packed = {"gzip": gzip.compress(body, 9, mtime=0)} if path.suffix in _PACKED else {}
    if brotli.exists():
        packed["br"] = brotli.read_bytes()
    return Asset(
        kind=_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        body=body,
        packed=packed,
        version=hashlib.blake2b(body, digest_size=4).hexdigest(),
    )


async def _send(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"", *, is_head: bool = False
) -> None:
    if status != 304:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else body, "more_body": False})
