"""The web process's end of the breaker's socket: a connection for each question."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from allpoints.kernel.errors import AllpointsError
from allpoints.web.break_protocol import BreakReply, BreakReport, Cause, Look

ANSWER_SECONDS = 2.0
_LINE_LIMIT = 1 << 20


class BreakerSilent(AllpointsError):
    """The breaker's socket is absent, or it did not answer in time."""

    code = "breaker_silent"
    status = 503
    for_people = "The part of the demo that breaks things does not answer. Try again in a moment."


class BreakerLink:
    """Asks the breaker at the Unix socket ``socket``."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def report(self) -> BreakReport:
        """What can be broken and what happened. Raises BreakerSilent."""
        return msgspec.json.decode(await self._ask(Look()), type=BreakReport)

    async def cause(self, code: str, by: str) -> BreakReply:
        """Cause one fault. Raises BreakerSilent."""
        return msgspec.json.decode(await self._ask(Cause(code, by)), type=BreakReply)

    async def _ask(self, request: Look | Cause) -> bytes:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await asyncio.open_unix_connection(str(self._socket), limit=_LINE_LIMIT)
                try:
                    writer.write(msgspec.json.encode(request) + b"\n")
                    if line := await reader.readline():
                        return line
                finally:
                    writer.close()
        except (OSError, ValueError):  # TimeoutError is an OSError
            pass
        raise BreakerSilent
