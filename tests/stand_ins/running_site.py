"""The whole site in this process, without a socket: what tests of pages ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import httpx
from litestar.types import ASGIApp

from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.storage import open_storage
from allpoints.schedule.model import Gathering
from allpoints.staff import StaffSessions, ensure_secret
from allpoints.web import create_app
from tests.stand_ins.assembly import assembly
from tests.stand_ins.logs import quiet_log


@dataclass
class RunningSite:
    """``client`` keeps cookies; ``closing`` ends open streams; ``secret`` opens the control page; ``paths`` are all
    that pages and API answer to."""

    client: httpx.AsyncClient
    closing: asyncio.Event
    secret: str
    paths: list[str]

    async def sign_in(self, name: str = "Ada") -> str:
        """Come in by the form; returns the token for forms."""
        answer = await self.client.post("/control/sign-in", data={"secret": self.secret, "name": name})
        assert answer.status_code == 303, answer.text
        return (await self.control()).split('data-csrf="')[1].split('"')[0]

    async def control(self) -> str:
        """The control page's HTML."""
        return (await self.client.get("/control")).text


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 8) -> None:
    """Wait until something holds that announces itself by no event; TimeoutError when it does not."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.03)


@asynccontextmanager
async def running_site(
    folders: Folders, *, gathering: Gathering | None = None, clock: Clock | None = None, **given: str
) -> AsyncIterator[RunningSite]:
    """Serve the invented assembly (or another gathering) from ``folders``."""
    folders.make()
    secret = ensure_secret(folders)
    assert secret is not None, "each test has folders of its own"
    clock = clock or SystemClock()
    closing = asyncio.Event()
    app = create_app(
        Settings.read(given, {}), folders, gathering or assembly(datetime.now(UTC)),
        StaffSessions(open_storage(folders), clock), log=quiet_log(folders), clock=clock, closing=closing,
    )
    async with _lifespan(app), httpx.AsyncClient(
        transport=httpx.ASGITransport(cast(Any, app)), base_url="http://localhost:8700"
    ) as client:
        paths = [route.path for route in cast(Any, app)._pages.routes if "{" not in route.path]
        yield RunningSite(client, closing, secret, paths)


@asynccontextmanager
async def _lifespan(app: ASGIApp) -> AsyncIterator[None]:
    told: asyncio.Queue[Any] = asyncio.Queue()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    scope: Any = {"type": "lifespan", "state": {}}
    task = asyncio.ensure_future(app(scope, told.get, heard.put))
    await told.put({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await task
