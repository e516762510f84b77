"""The opening of an RTMP connection (Adobe RTMP 1.0, section 5.2), in its simple form."""

from __future__ import annotations

import asyncio
import os

SIZE = 1536


class NotRtmp(ValueError):
    """The peer does not speak RTMP."""


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a publisher's opening. Raises NotRtmp, or IncompleteReadError when it hangs up. The caller sets the
    deadline."""
    if (await reader.readexactly(1)) != b"\x03":
        raise NotRtmp("not version 3")
    hello = await reader.readexactly(SIZE)
    writer.write(b"\x03" + bytes(8) + os.urandom(SIZE - 8) + hello)
    await writer.drain()
    await reader.readexactly(SIZE)
