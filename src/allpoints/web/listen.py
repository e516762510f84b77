"""``/listen.aac``: a sound without end, as Icecast gives it, for radios and players that know no HLS.

A plain ASGI application, because it has to know who does not keep up. Nothing about who listens is kept. Titles amid
the sound are a custom of SHOUTcast and Icecast: who asks with ``Icy-MetaData: 1`` gets a block of them after every
``icy-metaint`` bytes, behind one byte with its length in sixteenths.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from litestar import Request
from litestar.types import HTTPScope, Receive, Send

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.publish.ladder import LADDERS, AudioRung
from allpoints.web.site import Site

PREFIX = "/listen"
LOOK_SECONDS = 0.25
MOST_LISTENERS = 500
KEPT_CHUNKS = 15
"""Whoever is further behind than these many segments has lost the thread, and is hung up on."""

BURST_CHUNKS = 4
"""What somebody who comes gets at once, so that a player has something to go on with when the net hesitates."""

SEND_SECONDS = 20.0
"""For so long nothing is taken by who will never take anything more."""

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


class Station:
    """One rendition, read once for all who listen, and only while anybody does."""

    def __init__(self, folders: Folders, rung: AudioRung) -> None:
        self.rung = rung
        self.listeners = 0
        self._folders = folders
        self._chunks: deque[tuple[int, bytes]] = deque(maxlen=KEPT_CHUNKS)
        self._news = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None

    def come(self) -> None:
        """Somebody listens."""
        self.listeners += 1
        if self._follower is None:
            self._chunks.clear()
            self._follower = asyncio.create_task(self._follow())

    def go(self) -> None:
        """Somebody listens no more."""
        self.listeners -= 1
        if not self.listeners and self._follower is not None:
            self._follower.cancel()
            self._follower = None

    async def after(self, number: int) -> list[tuple[int, bytes]]:
        """The chunks above ``number``, as soon as there are any; for the first time (-1) the last few. Empty for one
        who is too far behind."""
        while not self._chunks or self._chunks[-1][0] <= number:
            await self._news.wait()
        chunks = [chunk for chunk in self._chunks if chunk[0] > number]
        if number < 0:
            return chunks[-BURST_CHUNKS:]
        return chunks if chunks[0][0] == number + 1 else []

    async def _follow(self) -> None:
        from allpoints.publish.endless import EndlessSound  # and libav with it, which nothing else here needs

        sound = EndlessSound(self._folders, self.rung.name)
        number = 0
        while True:
            for chunk in await asyncio.to_thread(sound.fresh):
                self._chunks.append((number, chunk))
                number += 1
                self._news.set()
            self._news.clear()
            await asyncio.sleep(LOOK_SECONDS)


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
        self._stations = {f"{PREFIX}/{rung.name}.aac": Station(site.folders, rung) for rung in sounds}
        self._stations[f"{PREFIX}.aac"] = self._stations[f"{PREFIX}/{sounds[0].name}.aac"]

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Serve one listener until either has had enough."""
        station = self._stations.get(scope["path"])
        try:
            if station is None or scope["method"] not in ("GET", "HEAD"):
                raise NoSuchSound
            if sum(each.listeners for each in set(self._stations.values())) >= MOST_LISTENERS:
                raise TooManyListeners
        except AllpointsError as error:
            await self._refuse(error, scope, send)
            return
        wants_titles = dict(scope["headers"]).get(b"icy-metadata") == b"1"
        await send({"type": "http.response.start", "status": 200, "headers": [
            (b"content-type", b"audio/aac"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"),
            (b"accept-ranges", b"none"), (b"access-control-allow-origin", b"*"),
            (b"x-content-type-options", b"nosniff"), (b"icy-pub", b"0"),
            (b"icy-br", str(station.rung.bit_rate // 1000).encode()),
            *([(b"icy-metaint", str(TITLE_EVERY).encode())] if wants_titles else []),
        ]})
        if scope["method"] == "GET":
            dress = TitledSound(self._title) if wants_titles else bytes
            playing = asyncio.create_task(self._play(station, dress, send))
            leaving = [asyncio.create_task(_left(receive)), asyncio.create_task(self._closing.wait())]
            await asyncio.wait([playing, *leaving], return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, *leaving):
                task.cancel()
            await asyncio.gather(playing, *leaving, return_exceptions=True)
        with suppress(Exception):  # whoever has left hears no goodbye
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _play(self, station: Station, dress: Callable[[bytes], bytes], send: Send) -> None:
        station.come()
        try:
            number = -1
            while chunks := await station.after(number):
                for number, sound in chunks:  # noqa: B007 - the last one counts
                    async with asyncio.timeout(SEND_SECONDS):
                        await send({"type": "http.response.body", "body": dress(sound), "more_body": True})
        finally:
            station.go()

    def _title(self) -> str:
        """The gathering and what is planned for now, in its first language. Players keep it, so it may be neutral."""
        gathering, current = self._site.gathering, self._site.moment().current
        titles = [gathering.title, *([current.title] if current else [])]
        if gathering.trace.neutral_title:
            titles = [gathering.trace.neutral_title]
        return " – ".join(title.in_language(gathering.languages[0]) for title in titles)

    async def _refuse(self, error: AllpointsError, scope: HTTPScope, send: Send) -> None:
        language = self._site.reader(Request(scope)).language
        await send({"type": "http.response.start", "status": error.status, "headers": [
            (b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"),
            (b"retry-after", b"60"), (b"x-content-type-options", b"nosniff"),
        ]})
        body = (language.sentence(error) + "\n").encode() if scope["method"] != "HEAD" else b""
        await send({"type": "http.response.body", "body": body, "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
