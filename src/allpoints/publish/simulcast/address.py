"""Where a receiver listens, as ffmpeg is told it and as people are."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

from allpoints.schedule.model import Receiver

_SHORTEST_HIDDEN = 4


def output_arguments(receiver: Receiver) -> list[str]:
    """The end of ffmpeg's command line: format and address, the stream key where the protocol has a place for it."""
    url, key = receiver.url, receiver.stream_key
    if url.startswith("srt:"):
        if key:
            url += f"{'&' if '?' in url else '?'}streamid={quote(key, safe='')}"
        return ["-f", "mpegts", url]
    flv = ["-f", "flv", "-flvflags", "no_duration_filesize"]
    if not key:
        return [*flv, url]
    parts = urlsplit(url)
    app = parts.path.strip("/") + (f"?{parts.query}" if parts.query else "")
    return [*flv, "-rtmp_app", app, "-rtmp_playpath", key, f"{parts.scheme}://{parts.netloc}/"]


def shown_place(receiver: Receiver) -> str:
    """What pages may show of the address: protocol and host."""
    parts = urlsplit(receiver.url)
    return f"{parts.scheme}://{parts.hostname}"


def without_secrets(line: str, receiver: Receiver) -> str:
    """A line of ffmpeg's log without stream key, path, query and password."""
    parts = urlsplit(receiver.url)
    told = [f"{parts.path}?{parts.query}", parts.path, *parts.path.split("/"), parts.query, parts.password or "",
            *(value for _, value in parse_qsl(parts.query))]
    hidden = {word for word in told if len(word) >= _SHORTEST_HIDDEN}
    if receiver.stream_key:
        hidden |= {receiver.stream_key, *receiver.stream_key.split("?")[:1]}
    for word in sorted({*hidden, *(quote(word, safe="") for word in hidden)}, key=len, reverse=True):
        line = line.replace(word, "…")
    return line
