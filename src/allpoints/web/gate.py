"""The way into the control page: who may pass, and what proves that a change is meant."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from allpoints.kernel.clock import Clock
from allpoints.staff import Door, NotSignedIn, StaffSession, StaffSessions, check_form_token, form_token
from allpoints.web.protection import is_encrypted

SESSION_COOKIE = "allpoints-staff"
REMEMBERED_SECONDS = 10.0
REMEMBERED_SESSIONS = 100
AnyRequest = Request[Any, Any, Any]


class Gate:
    """Guards the control page. A token comes in a cookie (then changes need a form token too) or as a bearer.

    Sessions are remembered for some seconds, and longer while the database does not answer: pictures come four times
    a second, and no take may wait for a disk.
    """

    def __init__(self, door: Door, sessions: StaffSessions, clock: Clock) -> None:
        self._door = door
        self._sessions = sessions
        self._clock = clock
        self._remembered: dict[str, tuple[StaffSession, float]] = {}

    async def sign_in(self, secret: str, name: str) -> str:
        """A token for the right secret; the slow hash runs beside the event loop. Raises what the door raises."""

        def open_session() -> str:
            self._door.verify(secret)
            return self._sessions.start(name)[0]

        return await asyncio.to_thread(open_session)

    async def sign_out(self, request: AnyRequest) -> None:
        """End the session of this browser."""
        token = request.cookies.get(SESSION_COOKIE, "")
        session = await self._session(token)
        self._remembered.pop(token, None)
        await asyncio.to_thread(self._sessions.end, session.id)

    async def visitor(self, request: AnyRequest) -> StaffSession:
        """Who asks. Raises NotSignedIn."""
        return await self._session(bearer_of(request) or request.cookies.get(SESSION_COOKIE, ""))

    async def actor(self, request: AnyRequest, given: str | None) -> StaffSession:
        """Who asks for a change. Raises NotSignedIn, or BadFormToken when a cookie comes without the form token."""
        if token := bearer_of(request):
            return await self._session(token)
        token = request.cookies.get(SESSION_COOKIE, "")
        session = await self._session(token)
        check_form_token(token, given or "")
        return session

    def form_token(self, request: AnyRequest) -> str:
        """What the forms of this browser's session carry."""
        return form_token(request.cookies.get(SESSION_COOKIE, ""))

    async def _session(self, token: str) -> StaffSession:
        if not token:
            raise NotSignedIn
        now = self._clock.monotonic()
        known = self._remembered.get(token)
        if known is not None and now - known[1] < REMEMBERED_SECONDS:
            return known[0]
        try:
            session = await asyncio.to_thread(self._sessions.find, token)
        except NotSignedIn:
            self._remembered.pop(token, None)
            raise
        except SQLAlchemyError:
            if known is None:
                raise
            session = known[0]
        if len(self._remembered) >= REMEMBERED_SESSIONS:
            self._remembered.clear()
        self._remembered[token] = (session, now)
        return session


def bearer_of(request: AnyRequest) -> str:
    """The token that comes as a bearer; empty where none does."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def keep_session(request: AnyRequest, response: Response[Any], token: str) -> None:
    """Put the session's token into the browser, until it is closed."""
    response.set_cookie(SESSION_COOKIE, token, path="/", httponly=True, samesite="strict",
                        secure=is_encrypted(request.scope))
