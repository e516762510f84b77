"""The receivers of a gathering file: who outside is sent the program."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.rows import Row
from allpoints.schedule.gathering_file.uniqueness import Uniqueness
from allpoints.schedule.model import Localized, Receiver, ReceiverRef

_SCHEMES = ("rtmp", "rtmps", "srt")
_VISIBLE = re.compile(r"[!-~]{1,500}")
_RENDITION = re.compile(r"[va][0-9]{2,4}")


def read_receivers(rows: list[Row]) -> dict[ReceiverRef, Receiver]:
    """All receivers by key; one with mistakes is listed too. No complaint repeats an address or a stream key."""
    receivers: dict[ReceiverRef, Receiver] = {}
    if not rows:
        return receivers
    keys = Uniqueness(rows[0].page.problems, complaints.DUPLICATE_NAME)
    for row in rows:
        row.check_keys()
        key, name, url, stream_key, rendition = (
            row.name("key"), row.text("name"), _url(row), _stream_key(row), _rendition(row)
        )
        enabled = row.flag("enabled") if row.has("enabled") else True
        if key is not None and keys.claim(key, row.at("key"), key="key", value=key):
            ref = ReceiverRef(key)
            receivers[ref] = Receiver(ref, name or Localized({"en": key}), url or "", stream_key, rendition, enabled)
    return receivers


def _url(row: Row) -> str | None:
    word = row.word("url")
    if word is None or _can_be_sent_to(word):
        return word
    row.complain("url", complaints.BAD_ADDRESS, example=row.section.key("url").line)
    return None


def _can_be_sent_to(url: str) -> bool:
    if not _VISIBLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in _SCHEMES or not parts.hostname or port == 0:
        return False
    return port is not None if parts.scheme == "srt" else bool(parts.path.strip("/"))


def _stream_key(row: Row) -> str | None:
    word = row.word("stream_key")
    if word is None or _VISIBLE.fullmatch(word):
        return word
    row.complain("stream_key", complaints.BAD_RECEIVER_KEY)
    return None


def _rendition(row: Row) -> str | None:
    word = row.word("rendition")
    if word is None or _RENDITION.fullmatch(word):
        return word
    row.complain("rendition", complaints.BAD_RENDITION, value=word)
    return None
