"""The control socket: requests from the crew in, reports out, one JSON object a line."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import msgspec

from allpoints.stage.protocol import Refusal, Reply, Request, StageReport, Watch

LINE_LIMIT = 64 * 1024
ANSWER_SECONDS = 2.0


class ControlSocket:
    """A Unix socket served by an event loop on a thread of its own, so that no slow reader reaches the mixer.

    ``ask`` hands a request to the mixer. ``publish`` may be called from any thread with the newest report; each
    watcher gets it, and one that does not read skips to the newest.
    """

    def __init__(self, path: Path, ask: Callable[[Request], Future[Reply]]) -> None:
        self._path = path
        self._ask = ask
        self._decoder = msgspec.json.Decoder(Request)
        self._loop = asyncio.new_event_loop()
        self._newest: bytes = b""
        self._changed = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="control socket", daemon=True)
        self._up = threading.Event()
        self.watchers = 0

    def start(self) -> None:
        """Listen; returns once connections are accepted."""
        self._thread.start()
        self._up.wait()

    def close(self) -> None:
        """Stop listening; connections end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2.0)

    def publish(self, report: StageReport) -> None:
        """Send a report to every watcher."""
        line = msgspec.json.encode(report) + b"\n"
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to hear it
            self._loop.call_soon_threadsafe(self._spread, line)

    def _spread(self, line: bytes) -> None:
        self._newest = line
        self._changed.set()
        self._changed = asyncio.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._path.unlink(missing_ok=True)
        server = self._loop.run_until_complete(
            asyncio.start_unix_server(self._converse, str(self._path), limit=LINE_LIMIT)
        )
        self._path.chmod(0o600)
        self._up.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            try:
                while line := await reader.readline():
                    if isinstance(request := self._understand(line), Watch):
                        await self._send_reports(writer)
                        return
                    writer.write(msgspec.json.encode(await self._answer(request)) + b"\n")
                    await writer.drain()
            except ValueError:  # a line over the limit
                writer.write(msgspec.json.encode(_refused("bad_request", "The request is too long.")) + b"\n")
            finally:
                writer.close()

    def _understand(self, line: bytes) -> Request | Reply:
        try:
            request: Request = self._decoder.decode(line)
            return request
        except msgspec.MsgspecError as error:
            return _refused("bad_request", str(error))

    async def _answer(self, request: Request | Reply) -> Reply:
        if isinstance(request, Reply):
            return request
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._ask(request)), ANSWER_SECONDS)
        except TimeoutError:
            return _refused("stage_busy", "The stage did not answer in time. Look at what is on air; try again.", 503)

    async def _send_reports(self, writer: asyncio.StreamWriter) -> None:
        if not self.watchers:
            self._newest = b""  # of the last time that somebody watched
        self.watchers += 1
        try:
            while True:
                changed = self._changed
                if self._newest:
                    writer.write(self._newest)
                    await writer.drain()
                await changed.wait()
        finally:
            self.watchers -= 1


def _refused(code: str, message: str, status: int = 400) -> Reply:
    return Reply(ok=False, refusal=Refusal(code, status, message))
