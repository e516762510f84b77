"""``/plain/``: endless files of picture and sound, for plain elements of browsers that run no script.

A plain ASGI application, because it has to know who does not keep up. What is taken is encoded and read once for all;
only its time is each viewer's own. Nothing about who watches is kept: places are known by tickets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from litestar.types import HTTPScope, Receive, Send

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import TICKS_PER_SECOND, TICKS_PER_SEGMENT
from allpoints.publish.ladder import LADDERS, Rung, VideoRung
from allpoints.web.places import Places, new_ticket
from allpoints.web.site import Site
from allpoints.web.station import BURST_CHUNKS, Station, end, refuse

if TYPE_CHECKING:
    from allpoints.publish.endless_file import Piece

PREFIX = "/plain/"
FIRST_BYTES = 36_000
"""Chromium plays nothing of a file before it has 32 KiB. Who comes gets as much at once: where that is much time, the
player would otherwise wait for it as long as it lasts, and be as far behind."""


class NoSuchFile(AllpointsError):
    """A rendition was asked for that is not made."""

    code = "no_such_file"
    status = 404
    for_people = "This picture or sound is not made here. Choose another at /plain."


class NoPlace(AllpointsError):
    """As many take endless files as may do so at once."""

    code = "no_place"
    status = 503
    for_people = "All places are taken. Open /plain, which waits in line for you, or listen at /listen.aac."


class Plain:
    """ASGI application for everything under ``/plain/``. Set ``closing`` to hang up on all.

    ``tracks``: the renditions of each file, by the name of the first.
    """

    def __init__(self, site: Site, closing: asyncio.Event) -> None:
        self.places = Places(site.settings.plain_places)
        self._site = site
        self._closing = closing
        ladder = LADDERS[site.settings.ladder]
        sounds = {rung.name: rung for rung in ladder.audio}
        self.tracks: dict[str, tuple[Rung, ...]] = {
            rung.name: (rung, sounds[rung.sound]) if isinstance(rung, VideoRung) else (rung,) for rung in ladder.rungs
        }
        self._stations = {name: _station(site.folders, rungs) for name, rungs in self.tracks.items()}

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Serve one viewer until either has had enough."""
        name, _, suffix = scope["path"].removeprefix(PREFIX).partition(".")
        tracks, now = self.tracks.get(name), self._site.clock.monotonic
        given = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
        ticket = given or new_ticket()
        takes = scope["method"] == "GET"
        ask = self.places.come if takes else self.places.may_come
        try:
            if tracks is None or suffix != "mp4" or scope["method"] not in ("GET", "HEAD"):
                raise NoSuchFile
            if not ask(ticket, now()):
                raise NoPlace
        except AllpointsError as error:
            await refuse(self._site, error, scope, send, retry_after=10)
            return
        try:
            kind = b"video/mp4" if isinstance(tracks[0], VideoRung) else b"audio/mp4"
            await send({"type": "http.response.start", "status": 200, "headers": [
                (b"content-type", kind), (b"cache-control", b"no-store"), (b"accept-ranges", b"none"),
                (b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff"),
                (b"cross-origin-resource-policy", b"same-origin"),  # no page of others may spend the places
            ]})
            if takes:
                from allpoints.publish.endless_file import OwnCopy  # and libav with it, which nothing else here needs

                await self._stations[name].serve(OwnCopy(tracks), receive, send, self._closing)
        finally:
            if takes:
                self.places.go(ticket, now(), comes_back=bool(given))
        await end(send)


def _station(folders: Folders, rungs: Sequence[Rung]) -> Station[Piece]:
    segment = sum(rung.bit_rate for rung in rungs) // 8 * TICKS_PER_SEGMENT // TICKS_PER_SECOND
    first = max(BURST_CHUNKS, -(-FIRST_BYTES // segment))

    def begin() -> Callable[[], list[Piece]]:
        from allpoints.publish.endless_file import EndlessFile

        return EndlessFile(folders, rungs, first).fresh

    return Station(begin, first)
