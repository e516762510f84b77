"""The web process: the application served until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.embed import Server

from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log
from allpoints.kernel.settings import Settings
from allpoints.kernel.storage import Storage, open_storage
from allpoints.kernel.watchdog import Watchdog
from allpoints.schedule.model import Gathering
from allpoints.schedule.store import load_gathering
from allpoints.staff import StaffSessions
from allpoints.web.application import create_app

GRACE_SECONDS = 1.5
BACKLOG = 2048
HEAD_SECONDS = 5.0
"""Who has not said within this time what they want is hung up on, also between two requests."""

MOST_CONNECTIONS = 4096
OWN_DESCRIPTORS = 64
"""Files and sockets that this process needs beside its connections."""
TURN_EVERY = 0.5


class PortTaken(AllpointsError):
    """Another process listens on the address that the pages should have."""

    code = "port_taken"
    status = 503
    for_people = "Something else already listens on {host}, port {port}. End it, or choose another with --port."


class AddressUnusable(AllpointsError):
    """The address is not one of this machine's, or may not be used."""

    code = "address_unusable"
    status = 503
    for_people = "The pages cannot listen on {host}, port {port} ({reason}). Choose others with --host and --port."


def serve_web(
    settings: Settings, folders: Folders, *, log: Log, clock: Clock | None = None,
    gathering: Gathering | None = None, storage: Storage | None = None, watchdog: Watchdog | None = None,
    is_demo: bool = False, callers: int | None = None,
) -> None:
    """Serve the pages until SIGTERM or SIGINT. Blocks. The gathering is read from the database unless it is given.

    ``watchdog`` is told for as long as the event loop turns. ``callers`` is a descriptor that listens already;
    without it the address of ``settings`` is listened on.

    Raises PortTaken and AddressUnusable before anything is served, and what reading the database raises.
    """
    if callers is None:
        check_address(settings.host, settings.port)
    clock = clock or SystemClock()
    storage = storage or open_storage(folders)
    gathering = gathering or load_gathering(storage)
    sessions = StaffSessions(storage, clock)
    watchdog = watchdog or Watchdog("", None, clock)
    uvloop.run(_serve(settings, folders, gathering, sessions, clock, log, watchdog, is_demo, callers))


class _Server(Server):
    """Granian, which takes callers also from a socket that somebody else listens on."""

    callers: int | None = None

    def _init_shared_socket(self) -> None:
        if self.callers is None:
            super()._init_shared_socket()  # type: ignore[no-untyped-call]
        else:
            self._shd = SocketHolder(self.callers, False, BACKLOG)  # type: ignore[assignment, call-arg]


async def _serve(
    settings: Settings, folders: Folders, gathering: Gathering, sessions: StaffSessions, clock: Clock, log: Log,
    watchdog: Watchdog, is_demo: bool, callers: int | None,
) -> None:
    closing = asyncio.Event()
    app = create_app(settings, folders, gathering, sessions, log=log, clock=clock, closing=closing, is_demo=is_demo)
    server = _Server(
        app, address=settings.host, port=settings.port, interface=Interfaces.ASGI, websockets=False,
        # ``auto`` would wait for ever for who connects and says nothing; without TLS no browser speaks HTTP/2.
        http=HTTPModes.http1, http1_settings=HTTP1Settings(header_read_timeout=round(HEAD_SECONDS * 1000)),
        backlog=BACKLOG, backpressure=most_connections(), log_enabled=False, log_access=False,
    )
    server.callers = callers
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    serving = asyncio.create_task(server.serve())
    telling = asyncio.create_task(told.wait())
    turning = asyncio.create_task(_tell(watchdog))
    await asyncio.wait({serving, telling, turning}, return_when=asyncio.FIRST_COMPLETED)
    watchdog.stopping()
    closing.set()
    telling.cancel()
    turning.cancel()
    if serving.done():
        serving.result()
        raise AddressUnusable(host=settings.host, port=settings.port, reason="the server ended by itself")
    server.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(serving, GRACE_SECONDS)


async def _tell(watchdog: Watchdog) -> None:
    while True:
        watchdog.alive()
        await asyncio.sleep(TURN_EVERY)


def most_connections() -> int:
    """How many connections are held at once; further ones wait. Never so many that no file can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OWN_DESCRIPTORS
    if soft < wanted and (hard == resource.RLIM_INFINITY or hard > soft):
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(16, min(MOST_CONNECTIONS, soft - OWN_DESCRIPTORS))


def check_address(host: str, port: int) -> None:
    """Try the address for a moment. Raises PortTaken or AddressUnusable."""
    try:
        families = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = families[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == 98:  # EADDRINUSE
            raise PortTaken(host=host, port=port) from None
        raise AddressUnusable(host=host, port=port, reason=os.strerror(error.errno or 0)) from None
