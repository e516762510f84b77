"""The sources of a gathering file."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.rows import Row
from allpoints.schedule.gathering_file.uniqueness import Uniqueness
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec

SLATE = SourceRef("slate")
"""The source that is always there."""

_SHORTEST_STREAM_KEY = 12
_STREAM_KEY = re.compile(rf"[A-Za-z0-9_-]{{{_SHORTEST_STREAM_KEY},100}}")
_KEYS_OF_KIND = {
    SourceKind.FILE: ("path", "loop"),
    SourceKind.STILL: ("path",),
    SourceKind.RTMP: ("stream_key",),
}


def new_stream_key() -> str:
    """A stream key nobody can guess: 96 random bits."""
    return secrets.token_urlsafe(12)


def read_sources(rows: list[Row], folder: Path) -> dict[SourceRef, SourceSpec]:
    """All sources by key. A source with mistakes is listed too: its problems are noted, references to it are not."""
    sources: dict[SourceRef, SourceSpec] = {}
    if not rows:
        return sources
    refs = Uniqueness(rows[0].page.problems, complaints.DUPLICATE_NAME)
    stream_keys = Uniqueness(rows[0].page.problems, complaints.DUPLICATE_STREAM_KEY)
    for row in rows:
        row.check_keys()
        spec = _source(row, folder, stream_keys)
        if spec is None:
            continue
        if spec.ref == SLATE:
            row.complain("key", complaints.RESERVED_NAME, value=spec.ref)
        elif refs.claim(spec.ref, row.at("key"), key="key", value=spec.ref):
            sources[spec.ref] = spec
    return sources


def _source(row: Row, folder: Path, stream_keys: Uniqueness) -> SourceSpec | None:
    key, name, loop = row.name("key"), row.text("name"), row.flag("loop")
    kind, path, stream_key = _kind(row), _path(row, folder), _stream_key(row, stream_keys)
    if kind is not None:
        for other in ("path", "stream_key", "loop"):
            if row.has(other) and other not in _KEYS_OF_KIND[kind]:
                row.complain(other, complaints.NOT_FOR_KIND, kind=kind.value, key=other)
        needed = _KEYS_OF_KIND[kind][0]
        if not row.has(needed):
            example = f'stream_key = "{new_stream_key()}"' if needed == "stream_key" else row.section.key(needed).line
            row.complain("kind", complaints.NEEDED_FOR_KIND, kind=kind.value, key=needed, example=example)
    if key is None:
        return None
    return SourceSpec(
        ref=SourceRef(key), name=name or Localized({"en": key}), kind=kind or SourceKind.FILE,
        path=path, stream_key=stream_key, loop=loop,
    )


def _kind(row: Row) -> SourceKind | None:
    word = row.word("kind")
    if word is None:
        return None
    if word in list(SourceKind):
        return SourceKind(word)
    row.complain("kind", complaints.UNKNOWN_KIND, value=word, known=", ".join(f"“{kind}”" for kind in SourceKind))
    return None


def _path(row: Row, folder: Path) -> Path | None:
    word = row.word("path")
    if word is None:
        return None
    path = folder / word
    try:
        present = path.is_file()
    except OSError:  # a name too long, a loop of links
        present = False
    if not present:
        row.complain("path", complaints.MISSING_FILE, path=str(path))
    return path


def _stream_key(row: Row, claimed: Uniqueness) -> str | None:
    word = row.word("stream_key")
    if word is None:
        return None
    if not _STREAM_KEY.fullmatch(word):
        row.complain("stream_key", complaints.WEAK_STREAM_KEY, least=_SHORTEST_STREAM_KEY, near=new_stream_key())
        return None
    return word if claimed.claim(word, row.at("stream_key"), near=new_stream_key()) else None
