"""``/listen.aac``: a sound without end, as Icecast gives it, for radios and players that know no HLS.

A plain ASGI application, because it has to know who does not keep up. Nothing about who listens is kept. Titles amid
the sound are a custom of SHOUTcast and Icecast: who asks with ``Icy-MetaData: 1`` gets a block of them after every
``icy-metaint`` bytes, behind one byte with its length in sixteenths.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from litestar.types import HTTPScope, Receive, Send

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import LADDERS
from allpoints.web.site import Site
from allpoints.web.station import Station, end, refuse

PREFIX = "/listen"
MOST_LISTENERS = 500
TITLE_EVERY = 16_000
LONGEST_TITLE = 255 * 16


class NoSuchSound(AllpointsError):
    """A rendition was asked for that is not made, or is no AAC."""

    code = "no_such_sound"
    status = 404
    for_people = "This sound is not made here. Listen at /listen.aac instead."


class TooManyListeners(AllpointsError):
    """The endless sound has as many listeners as it serves."""

    code = "too_many_listeners"
    status = 503
    for_people = "This address has as many listeners as it can serve. Open the watch page and choose “Audio only”."


class TitledSound:
    """Puts titles between the bytes of one listener's sound; ``title`` is asked when a block is due."""

    def __init__(self, title: Callable[[], str]) -> None:
        self._title = title
        self._said = ""
        self._left = TITLE_EVERY

    def __call__(self, sound: bytes) -> bytes:
        """The next bytes, blocks included."""
        out = bytearray()
        while len(sound) >= self._left:
            out += sound[:self._left] + self._block()
            sound, self._left = sound[self._left:], TITLE_EVERY
        self._left -= len(sound)
        return bytes(out + sound)

    def _block(self) -> bytes:
        title = self._title()
        if title == self._said:
            return b"\0"
        self._said = title
        words = re.sub(r"[\x00-\x1f';]", " ", title).encode()[:LONGEST_TITLE - 20].decode("utf-8", "ignore")
        block = f"StreamTitle='{words}';".encode()
        sixteenths = -(-len(block) // 16)
        return bytes([sixteenths]) + block.ljust(sixteenths * 16, b"\0")


class Listen:
    """ASGI application for everything under ``/listen``. Set ``closing`` to hang up on all."""

    def __init__(self, site: Site, closing: asyncio.Event) -> None:
        sounds = [rung for rung in LADDERS[site.settings.ladder].audio if rung.codec == "aac"]
        self._site = site
        self._closing = closing
        self._rungs = {f"{PREFIX}/{rung.name}.aac": rung for rung in sounds} | {f"{PREFIX}.aac": sounds[0]}
        self._stations = {rung.name: Station(_follows(site.folders, rung.name)) for rung in sounds}

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Serve one listener until either has had enough."""
        rung = self._rungs.get(scope["path"])
        try:
            if rung is None or scope["method"] not in ("GET", "HEAD"):
                raise NoSuchSound
            if sum(each.listeners for each in self._stations.values()) >= MOST_LISTENERS:
                raise TooManyListeners
        except AllpointsError as error:
            await refuse(self._site, error, scope, send, retry_after=60)
            return
        wants_titles = dict(scope["headers"]).get(b"icy-metadata") == b"1"
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"audio/aac"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"),
            (b"accept-ranges", b"none"), (b"access-control-allow-origin", b"*"),
            (b"x-content-type-options", b"nosniff"), (b"icy-pub", b"0"),
            (b"icy-br", str(rung.bit_rate // 1000).encode()),
            *([(b"icy-metaint", str(TITLE_EVERY).encode())] if wants_titles else []),
        ]})
        if scope["method"] == "GET":
            dress = TitledSound(self._title) if wants_titles else bytes
            await self._stations[rung.name].serve(dress, receive, send, self._closing)
        await end(send)

    def _title(self) -> str:
        """The gathering and what is planned for now, in its first language. Players keep it, so it may be neutral."""
        gathering, current = self._site.gathering, self._site.moment().current
        titles = [gathering.title, *([current.title] if current else [])]
        if gathering.trace.neutral_title:
            titles = [gathering.trace.neutral_title]
        return " – ".join(title.in_language(gathering.languages[0]) for title in titles)


def _follows(folders: Folders, rung: str) -> Callable[[], Callable[[], list[bytes]]]:
    def begin() -> Callable[[], list[bytes]]:
        from allpoints.publish.endless import EndlessSound  # and libav with it, which nothing else here needs

        return EndlessSound(folders, rung).fresh

    return begin
