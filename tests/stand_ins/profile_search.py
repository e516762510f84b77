"""What lies in the files of a browser's profile, also behind what Chromium packs: gzip in its cache, SQLite, LevelDB.

Brotli is not unpacked: our server packs with gzip alone, and a test of it says so.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

GZIP = b"\x1f\x8b\x08"
SQLITE = b"SQLite format 3\0"
LEVELDB = bytes.fromhex("57fb808b247547db")  # the magic number at the end of a table, the least byte first


def forms(text: str) -> list[bytes]:
    """A text as it may be written down: UTF-8, UTF-16 of either order, and with JSON's escapes."""
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), json.dumps(text)[1:-1].encode()]


def found(folder: Path, wanted: Mapping[str, list[bytes]]) -> dict[str, set[str]]:
    """Of what is wanted, what is found, and in which files beneath ``folder``."""
    hits: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            for layer in layers(path):
                for name, written in wanted.items():
                    if any(each in layer for each in written):
                        hits.setdefault(name, set()).add(str(path.relative_to(folder)))
    return hits


def layers(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and those that are packed in it."""
    content = path.read_bytes()
    yield content
    at = content.find(GZIP)
    while at >= 0:
        yield _unpacked(content[at:])
        at = content.find(GZIP, at + 1)
    if content.startswith(SQLITE):
        yield _cells(path)
    if content.endswith(LEVELDB):
        yield from _blocks(content)


def _unpacked(content: bytes) -> bytes:
    packer = zlib.decompressobj(31)
    try:
        return packer.decompress(content)
    except zlib.error:  # three bytes that look like a beginning
        return b""


def _cells(path: Path) -> bytes:
    """Every value of every table, whole: in the file a long one is cut over pages."""
    with tempfile.TemporaryDirectory() as folder:
        for each in path.parent.glob(f"{path.name}*"):
            shutil.copy(each, folder)
        with closing(sqlite3.connect(Path(folder, path.name))) as database:
            database.text_factory = bytes
            try:
                tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                rows = [row for name, in tables for row in database.execute(f'SELECT * FROM "{name.decode()}"')]
            except sqlite3.DatabaseError:  # torn by the kill: its bytes have been looked at
                return b""
    return b"\0".join(value for row in rows for value in row if isinstance(value, bytes))


def _blocks(table: bytes) -> Iterator[bytes]:
    """The blocks of a LevelDB table (doc/table_format.md), unpacked. The footer says where the index is."""
    _, _, at = _handle(table, len(table) - 48)
    index = _block(table, *_handle(table, at)[:2])
    (restarts,) = struct.unpack("<I", index[-4:])
    at = 0
    while at < len(index) - 4 * (restarts + 1):
        _, at = _varint(index, at)
        key, at = _varint(index, at)
        length, at = _varint(index, at)
        yield _block(table, *_handle(index, at + key)[:2])
        at += key + length


def _handle(content: bytes, at: int) -> tuple[int, int, int]:
    """Offset and size of a block, and where the next thing begins."""
    offset, at = _varint(content, at)
    size, at = _varint(content, at)
    return offset, size, at


def _block(table: bytes, offset: int, size: int) -> bytes:
    content = table[offset:offset + size]
    return unsnapped(content) if table[offset + size] == 1 else content


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while content[at] > 127:
        value |= (content[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return value | content[at] << shift, at + 1


def unsnapped(packed: bytes) -> bytes:
    """What Snappy packed (format_description.txt)."""
    _, at = _varint(packed, 0)
    out = bytearray()
    while at < len(packed):
        tag, at = packed[at], at + 1
        kind, size = tag & 3, (tag >> 2) + 1
        if kind == 0:
            if size > 60:
                more = size - 60
                size, at = int.from_bytes(packed[at:at + more], "little") + 1, at + more
            out += packed[at:at + size]
            at += size
            continue
        if kind == 1:
            size, back, at = (tag >> 2 & 7) + 4, tag >> 5 << 8 | packed[at], at + 1
        else:
            more = 2 if kind == 2 else 4
            back, at = int.from_bytes(packed[at:at + more], "little"), at + more
        for _ in range(size):
            out.append(out[-back])
    return bytes(out)
