"""What every answer carries to protect the person who reads it, and where each request goes."""

from __future__ import annotations

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from allpoints.publish import peer
from allpoints.web import assets, listen, origin, plain
from allpoints.web.standby import StandbyDoor

POLICY = "; ".join((
    "default-src 'self'",
    "style-src 'self' '{first_sheet}'",
    "media-src 'self' blob:",  # Media Source Extensions play from a blob of this page's own
    "object-src 'none'",
    "worker-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))
HEADERS = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000")
KEEP_NOTHING = (b"cache-control", b"no-store")


class FrontDoor:
    """The outermost ASGI application: media, assets and the other machine by their short ways, the rest to pages.

    With ``keeps_nothing`` every answer, whatever it is, forbids browsers to store it: also a style sheet lies in a
    cache under the address of the site.
    """

    def __init__(
        self, pages: ASGIApp, live: origin.Origin, endless: listen.Listen, plain_files: plain.Plain,
        static: assets.Assets, standby: StandbyDoor, *, keeps_nothing: bool = False,
    ) -> None:
        self._pages = pages
        self._live = live
        self._endless = endless
        self._plain = plain_files
        self._static = static
        self._standby = standby
        self._keeps_nothing = keeps_nothing
        policy = POLICY.format(first_sheet=static.first_sheet_digest)
        self._headers = ((b"content-security-policy", policy.encode()), *HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers to what comes back from pages."""
        if self._keeps_nothing:
            send = _keeping_nothing(send)
        if scope["type"] != ScopeType.HTTP:
            await self._pages(scope, receive, send)
        elif scope["path"].startswith(origin.PREFIX):
            await self._live(scope, receive, send)
        elif scope["path"].startswith(listen.PREFIX):
            await self._endless(scope, receive, send)
        elif scope["path"].startswith(plain.PREFIX):
            await self._plain(scope, receive, send)
        elif scope["path"].startswith(assets.PREFIX):
            await self._static(scope, receive, send)
        elif scope["path"].startswith(peer.PREFIX):
            await self._standby(scope, receive, send)
        else:
            headers = self._headers if is_loopback(scope) else (*self._headers, HSTS)

            async def protected(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _add(message, headers)
                await send(message)

            await self._pages(scope, receive, protected)


def _keeping_nothing(send: Send) -> Send:
    async def forbidding(message: Message) -> None:
        if message["type"] == "http.response.start":
            others = [header for header in message["headers"] if header[0].lower() != KEEP_NOTHING[0]]
            message["headers"] = [*others, KEEP_NOTHING]
        await send(message)

    return forbidding


def _add(message: HTTPResponseStartEvent, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    message["headers"] = [*message["headers"], *headers]


def is_loopback(scope: Scope) -> bool:
    """Whether the page was asked for by a name of this machine itself: HSTS would lock people out of it."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name in ("localhost", "[::1]") or name.startswith("127.") or name.endswith(".localhost")


def is_encrypted(scope: Scope) -> bool:
    """Whether the person's own connection is encrypted, here or at a proxy in front."""
    forwarded = dict(scope["headers"]).get(b"x-forwarded-proto", b"").decode("latin-1")
    return "https" in (scope.get("scheme"), forwarded.strip())
