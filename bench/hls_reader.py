"""Reads one HLS rendition as a player does, of whatever maker: what was published when, and under which names."""

from __future__ import annotations

import hashlib
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

ASK_EVERY = 0.3
PATIENCE = 3.0


@dataclass(frozen=True)
class Published:
    """A segment as it was first listed, at the monotonic second ``at``."""

    name: str
    number: int
    seconds: float
    at: float
    digest: str


@dataclass
class HlsReader:
    """Fetches every segment of the media playlist at ``url`` once, and again when it is listed otherwise."""

    url: str
    published: list[Published] = field(default_factory=list)
    changed: list[tuple[float, str]] = field(default_factory=list)
    went_back: list[float] = field(default_factory=list)
    _known: dict[str, Published] = field(default_factory=dict)
    _newest: int = -1
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(3 * PATIENCE)

    def seconds_published(self, since: float, until: float) -> float:
        """How much program came between two monotonic seconds."""
        return sum(each.seconds for each in list(self.published) if since < each.at <= until)

    def ask_again(self) -> None:
        """Compare all that is listed now with what it was. Any thread may call, while the reader is not stopped."""
        for row in list(self._known.values())[-40:]:
            body = self._fetch(row.name)
            if body is not None and hashlib.sha256(body).hexdigest() != row.digest:
                self._note_changed(row.name)

    def _run(self) -> None:
        while not self._ending.wait(ASK_EVERY):
            text = self._fetch("")
            if text is not None:
                self._take(text.decode("utf-8", "replace"))

    def _take(self, text: str) -> None:
        number, seconds, is_gap = 0, 0.0, False
        for line in text.splitlines():
            tag, _, value = line.partition(":")
            if tag == "#EXT-X-MEDIA-SEQUENCE":
                number = int(value)
                if number < self._newest:
                    self.went_back.append(time.monotonic())
                self._newest = number
            elif tag == "#EXTINF":
                seconds = float(value.split(",")[0])
            elif tag == "#EXT-X-GAP":
                is_gap = True
            elif line and not line.startswith("#"):
                if not is_gap:
                    self._segment(line, number, seconds)
                number, is_gap = number + 1, False

    def _segment(self, name: str, number: int, seconds: float) -> None:
        known = self._known.get(name)
        if known is not None and (known.number, known.seconds) == (number, seconds):
            return
        body = self._fetch(name)
        if body is None:
            return
        row = Published(name, number, seconds, time.monotonic(), hashlib.sha256(body).hexdigest())
        self._known.pop(name, None)
        self._known[name] = row
        if known is None or known.digest != row.digest:
            self.published.append(row)
        if known is not None and known.digest != row.digest:
            self._note_changed(name)

    def _note_changed(self, name: str) -> None:
        self.changed.append((time.monotonic(), name))

    def _fetch(self, name: str) -> bytes | None:
        """A file beside the playlist, or the playlist itself; None where there is none."""
        address = self.url.rpartition("/")[0] + "/" + name if name else self.url
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                body: bytes = answer.read()
                return body
        except (OSError, urllib.error.URLError, ValueError):
            return None
