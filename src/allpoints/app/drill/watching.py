"""A viewer of the drill's own: fetches playlists and every segment as a player does, and keeps a hash of each."""

from __future__ import annotations

import hashlib
import http.client
import threading
from dataclasses import dataclass, field

from allpoints.app.drill.viewing import Arrival, Listed, Number, listing_of, resumed_after, stalled
from allpoints.kernel.clock import Clock

ASK_EVERY = 0.15
PATIENCE = 2.0
CATCH_UP = 6.0
"""Seconds; a request that a killed process left unanswered is given up within a third of them."""


@dataclass(frozen=True)
class Gotten:
    """What the viewer got from one instant to another. ``changed`` are names whose bytes are no longer the same."""

    new_part: float
    hole: int
    stall: float
    changed: list[str]
    went_back: bool


@dataclass
class _Rendition:
    name: str
    firsts: dict[str, int] = field(default_factory=dict)
    newest: int = -1
    segments: dict[int, Arrival] = field(default_factory=dict)
    parts: dict[Number, float] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    went_back_at: float = float("-inf")
    read_at: float = float("-inf")


class Watcher:
    """Watches the renditions ``names`` on a thread of its own. The first is the one that is measured."""

    def __init__(self, address: tuple[str, int], names: list[str], clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._renditions = [_Rendition(name) for name in names]
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._line: http.client.HTTPConnection | None = None
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._ending.set()
        self._thread.join(3 * PATIENCE)

    def newest(self) -> int:
        """The newest segment that has come, of the rendition that is measured."""
        with self._lock:
            return self._renditions[0].newest

    def catch_up(self) -> None:
        """Wait until whatever is public now has come, for a few seconds at most."""
        now = self._clock.monotonic()
        while self._clock.monotonic() < now + CATCH_UP:
            with self._lock:
                if all(rendition.read_at > now for rendition in self._renditions):
                    return
            self._clock.sleep(ASK_EVERY)

    def since(self, at: float, newest_then: int, before: frozenset[str]) -> Gotten:
        """What came after ``at`` (monotonic), when ``newest_then`` was the newest segment.

        Asks again for every name that is not among ``before``, which was asked for already.
        """
        with self._lock:
            measured = self._renditions[0]
            segments, parts = list(measured.segments.values()), list(measured.parts.values())
            went_back = any(rendition.went_back_at > at for rendition in self._renditions)
        gaps = [row for row in segments if row.gap and row.number.segment > newest_then]
        now = self._clock.monotonic()
        return Gotten(
            new_part=resumed_after(parts, at, now), hole=len(gaps), stall=stalled(segments, newest_then),
            changed=self.changed(before), went_back=went_back,
        )

    def known(self) -> frozenset[str]:
        """Every name that was ever fetched."""
        with self._lock:
            return frozenset(f"{r.name}/{name}" for r in self._renditions for name in r.names)

    def changed(self, but: frozenset[str] = frozenset()) -> list[str]:
        """The names that are still there with other bytes than at first; those of ``but`` are not asked for."""
        with self._lock:
            hashes = {f"{r.name}/{name}": told for r in self._renditions for name, told in r.names.items()}
        line = http.client.HTTPConnection(*self._address, timeout=PATIENCE)
        changed = []
        try:
            for name, told in hashes.items():
                if name in but:
                    continue
                body = _fetched(line, name)
                if body is not None and hashlib.sha256(body).hexdigest() != told:
                    changed.append(name)
        except (OSError, http.client.HTTPException):
            pass  # whether the web is back is judged elsewhere
        finally:
            line.close()
        return changed

    def _run(self) -> None:
        while not self._ending.wait(ASK_EVERY):
            for rendition in self._renditions:
                for file in ("index.m3u8", "ll.m3u8"):
                    self._look(rendition, file)
        if self._line is not None:
            self._line.close()

    def _look(self, rendition: _Rendition, file: str) -> None:
        asked_at = self._clock.monotonic()
        try:
            self._line = self._line or http.client.HTTPConnection(*self._address, timeout=PATIENCE)
            playlist = _fetched(self._line, f"{rendition.name}/{file}")
            if playlist is None:
                return
            listing = listing_of(playlist.decode())
            with self._lock:
                if listing.first < rendition.firsts.get(file, -1):
                    rendition.went_back_at = self._clock.monotonic()
                rendition.firsts[file] = listing.first
            for row in (*listing.segments, *listing.parts):
                self._take(rendition, row)
            if file == "index.m3u8":
                rendition.read_at = asked_at
        except (OSError, http.client.HTTPException):
            if self._line is not None:
                self._line.close()
            self._line = None

    def _take(self, rendition: _Rendition, row: Listed) -> None:
        is_part = row.number.part >= 0
        known = row.number in rendition.parts if is_part else row.number.segment in rendition.segments
        if known:
            return
        assert self._line is not None
        body = None if row.gap else _fetched(self._line, f"{rendition.name}/{row.name}")
        if body is None and not row.gap:
            return
        at = self._clock.monotonic()
        with self._lock:
            if body is not None:
                rendition.names[row.name] = hashlib.sha256(body).hexdigest()
            if is_part:
                if not row.gap:
                    rendition.parts[row.number] = at
                return
            rendition.segments[row.number.segment] = Arrival(row.number, row.seconds, row.gap, at)
            if not row.gap:
                rendition.newest = max(rendition.newest, row.number.segment)


def _fetched(line: http.client.HTTPConnection, name: str) -> bytes | None:
    """A published file; None where there is none. Raises OSError and HTTPException."""
    line.request("GET", f"/live/{name}")
    answer = line.getresponse()
    body = answer.read()
    return body if answer.status == 200 else None
