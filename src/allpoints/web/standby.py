"""What the other machine of a gathering may ask under ``/standby/``, with the key that both share."""

from __future__ import annotations

import asyncio
import hmac
from urllib.parse import parse_qs

import msgspec
from litestar.types import HTTPScope, Receive, Send

from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.publish.air import Role, read_air
from allpoints.publish.peer import PREFIX, Agreed
from allpoints.publish.standing import HeardOf, Notes, Wanted, Wish
from allpoints.publish.telling import journal_piece, plan_digest, state_of
from allpoints.schedule.model import Gathering

AGREEING_SECONDS = 2.0
_LOOK_EVERY = 0.05
WISH_SECONDS = 30.0
"""A wish that nothing came of for so long is over: nobody remembers having pressed the button."""

Answer = tuple[int, bytes]


class StandbyDoor:
    """ASGI application for everything under ``/standby/``. There is nothing here where no key is set."""

    def __init__(self, settings: Settings, folders: Folders, gathering: Gathering, clock: Clock) -> None:
        self._key = settings.standby_key
        self._ladder = settings.ladder
        self._folders = folders
        self._notes = Notes(folders)
        self._epoch = gathering.epoch
        self._plan = plan_digest(gathering)
        self._clock = clock

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        status, body = await self._answer(scope)
        headers = [(b"cache-control", b"no-store"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _answer(self, scope: HTTPScope) -> Answer:
        if not self._key:
            return 404, b""
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, b"Bearer " + self._key.encode()):
            return 401, b""
        asked = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        match scope["method"], scope["path"].removeprefix(PREFIX):
            case "GET", "state":
                return await asyncio.to_thread(self._state, asked)
            case "GET", "journal":
                return await asyncio.to_thread(self._journal, asked)
            case "POST", "hand-over":
                return await self._agree(asked)
        return 404, b""

    def _state(self, asked: dict[str, str]) -> Answer:
        air = read_air(self._folders)
        if air is None:
            return 503, b""  # the stage has never started: there is nothing to tell yet
        try:
            self._notes.leave(msgspec.convert(asked, HeardOf, strict=False))
        except msgspec.ValidationError:
            return 400, b""
        now = self._clock.now()
        wish = self._notes.read(Wish)
        offers = wish is not None and air.role is Role.ON_AIR and (now - wish.at).total_seconds() < WISH_SECONDS
        state = state_of(
            self._folders, air, now=now, epoch=self._epoch, plan=self._plan, ladder=self._ladder,
            offered_by=wish.by if wish and offers else "",
        )
        return 200, msgspec.json.encode(state)

    def _journal(self, asked: dict[str, str]) -> Answer:
        begins = asked.get("from", "")
        if not begins.isdecimal():
            return 400, b""
        piece = journal_piece(self._folders, int(begins), asked.get("sha256"))
        return (409, b"") if piece is None else (200, piece)

    async def _agree(self, asked: dict[str, str]) -> Answer:
        """The stage, not this process, says where it ends: hand the wish on, and wait for what it decides."""
        try:
            wanted = msgspec.convert(asked, Wanted, strict=False)
        except msgspec.ValidationError:
            return 400, b""
        self._notes.leave(wanted)
        give_up_at = self._clock.monotonic() + AGREEING_SECONDS
        while self._clock.monotonic() < give_up_at:
            air = read_air(self._folders)
            if air is not None and air.ends is not None:
                return 200, msgspec.json.encode(Agreed(air.ends))
            await asyncio.sleep(_LOOK_EVERY)
        self._notes.take(Wanted)
        return 503, b""
