"""Something without end that many take at once: read once for all of them, and only while anybody does."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from litestar import Request
from litestar.types import HTTPScope, Receive, Send

from allpoints.kernel.errors import AllpointsError
from allpoints.web.site import Site

Chunk = TypeVar("Chunk")

LOOK_SECONDS = 0.25
KEPT_CHUNKS = 15
"""Whoever is further behind than these many segments has lost the thread, and is hung up on."""

BURST_CHUNKS = 4
"""What somebody who comes gets at once, so that a player has something to go on with when the net hesitates."""

SEND_SECONDS = 20.0
"""For so long nothing is taken by who will never take anything more."""


class Station(Generic[Chunk]):
    """``begin`` is called when somebody comes, and gives what tells the chunks that are new at each call; that is
    called on a thread. ``burst``: how many chunks somebody who comes gets at once."""

    def __init__(self, begin: Callable[[], Callable[[], list[Chunk]]], burst: int = BURST_CHUNKS) -> None:
        self.listeners = 0
        self._begin = begin
        self._burst = burst
        self._chunks: deque[tuple[int, Chunk]] = deque(maxlen=KEPT_CHUNKS)
        self._news = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None

    async def serve(
        self, dress: Callable[[Chunk], bytes], receive: Receive, send: Send, closing: asyncio.Event
    ) -> None:
        """Send one listener what comes, each chunk as ``dress`` makes it for them, until either has had enough, an
        empty one comes, or ``closing`` is set. The head of the answer has been sent."""
        tasks = [asyncio.create_task(each) for each in (self._play(dress, send), _left(receive), closing.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

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

    async def after(self, number: int) -> list[tuple[int, Chunk]]:
        """The chunks above ``number``, as soon as there are any; for the first time (-1) the last few. Empty for one
        who is too far behind."""
        while not self._chunks or self._chunks[-1][0] <= number:
            await self._news.wait()
        chunks = [chunk for chunk in self._chunks if chunk[0] > number]
        if number < 0:
            return chunks[-self._burst:]
        return chunks if chunks[0][0] == number + 1 else []

    async def _play(self, dress: Callable[[Chunk], bytes], send: Send) -> None:
        self.come()
        try:
            number = -1
            while chunks := await self.after(number):
                for number, chunk in chunks:  # noqa: B007 - the last one counts
                    if not (body := dress(chunk)):
                        return
                    async with asyncio.timeout(SEND_SECONDS):
                        await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            self.go()

    async def _follow(self) -> None:
        fresh = self._begin()
        number = 0
        while True:
            try:
                chunks = await asyncio.to_thread(fresh)
            except OSError:
                chunks = []  # no descriptor is free: the next look finds what this one did not
            for chunk in chunks:
                self._chunks.append((number, chunk))
                number += 1
                self._news.set()
            self._news.clear()
            await asyncio.sleep(LOOK_SECONDS)


async def refuse(site: Site, error: AllpointsError, scope: HTTPScope, send: Send, *, retry_after: int) -> None:
    """Answer with the sentence of ``error`` in the reader's language; ``retry_after`` is in seconds."""
    language = site.reader(Request(scope)).language
    await send({"type": "http.response.start", "status": error.status, "headers": [
        (b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"),
        (b"retry-after", str(retry_after).encode()), (b"x-content-type-options", b"nosniff"),
    ]})
    body = (language.sentence(error) + "\n").encode() if scope["method"] != "HEAD" else b""
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def end(send: Send) -> None:
    """End an answer."""
    with suppress(Exception):  # whoever has left hears no goodbye
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
