"""The web process's end of the stage's control socket: one connection that watches, and one for each request."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.supervision import Backoff
from allpoints.stage.protocol import Reply, Request, StageReport, Watch

LINE_LIMIT = 8 * 1024 * 1024
ANSWER_SECONDS = 2.5
STALE_SECONDS = 3.0


class StageSilent(AllpointsError):
    """The stage's socket is absent, or it did not answer in time."""

    code = "stage_silent"
    status = 503
    for_people = "The stage does not answer. What is on air goes on; try again, and if it stays, restart the stage."


class StageLink:
    """Holds the newest report of the stage, for every screen that shows it; ``run`` is its owner loop."""

    def __init__(self, socket: Path, clock: Clock) -> None:
        self._socket = socket
        self._clock = clock
        self._heard_at = float("-inf")
        self._changed = asyncio.Event()
        self.report: StageReport | None = None

    @property
    def silent_seconds(self) -> float:
        """Seconds since the stage was last heard; infinite when it never was."""
        return self._clock.monotonic() - self._heard_at

    @property
    def is_fresh(self) -> bool:
        """Whether the newest report tells what is on air now."""
        return self.silent_seconds < STALE_SECONDS

    async def run(self) -> None:
        """Watch the stage for ever: a lost connection is made again, with growing pauses."""
        backoff = Backoff(first=0.1, limit=1.0, calm=5.0)
        while True:
            backoff.started(self._clock.monotonic())
            with contextlib.suppress(OSError, ValueError, msgspec.MsgspecError):
                await self._watch()
            await asyncio.sleep(max(0.05, backoff.next_delay()))

    async def _watch(self) -> None:
        decoder = msgspec.json.Decoder(StageReport)
        reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=LINE_LIMIT)
        try:
            writer.write(msgspec.json.encode(Watch()) + b"\n")
            # A stage that is stopped (not dead) keeps its socket open and says nothing: look for a new one.
            while line := await asyncio.wait_for(reader.readline(), 3 * STALE_SECONDS):
                self.report = decoder.decode(line)
                self._heard_at = self._clock.monotonic()
                self._changed.set()
                self._changed = asyncio.Event()
        finally:
            writer.close()

    async def ask(self, request: Request) -> Reply:
        """Send one request and wait for its answer. Raises StageSilent; never asks twice by itself."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=LINE_LIMIT)
                try:
                    writer.write(msgspec.json.encode(request) + b"\n")
                    return msgspec.json.decode(await reader.readline(), type=Reply)
                finally:
                    writer.close()
        except (OSError, ValueError, msgspec.MsgspecError):  # TimeoutError is an OSError
            raise StageSilent from None

    async def beats(self, seconds: float) -> AsyncIterator[None]:
        """Yields at each report, and after ``seconds`` without one."""
        while True:
            changed = self._changed
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), seconds)
            yield
