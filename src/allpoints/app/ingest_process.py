"""The ingest's process: stream keys of the plan in, publishers at the sources' sockets out."""

from __future__ import annotations

import asyncio
import os
import signal

from allpoints.app.plan import plan_of
from allpoints.contribute.ingest import serve_ingest
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log, kept_log
from allpoints.kernel.settings import Settings
from allpoints.kernel.watchdog import Watchdog


def run_ingest(settings: Settings, clock: Clock) -> None:
    """Be the ingest until SIGTERM or SIGINT. Raises PortTaken, SocketPathTooLong and NoGathering."""
    folders = Folders.beneath(settings.data)
    with kept_log("ingest", folders, clock) as log:
        _receive(settings, folders, clock, log)


def _receive(settings: Settings, folders: Folders, clock: Clock, log: Log) -> None:
    gathering = plan_of(folders, log.trouble)
    watchdog = Watchdog.of(os.environ, clock)
    keys = {source.stream_key: source.ref for source in gathering.sources if source.stream_key}

    async def receive() -> None:
        loop = asyncio.get_running_loop()
        serving = loop.create_task(
            serve_ingest(keys, settings.rtmp_host, settings.rtmp_port, folders, clock, log, on_turn=watchdog.alive)
        )

        def end() -> None:
            watchdog.stopping()
            # Python before 3.12 reports each connection that is cancelled as an error.
            loop.set_exception_handler(lambda *_: None)
            serving.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end)
        try:
            await serving
        except asyncio.CancelledError:
            return

    asyncio.run(receive())
