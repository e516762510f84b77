"""The address by which people join: as text and as a QR code."""

from __future__ import annotations

import io
import re

import segno
from litestar.types import Scope

from allpoints.kernel.settings import Settings
from allpoints.web.protection import is_encrypted

_HOST = re.compile(r"(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)
QUIET_ZONE = 4
"""Modules of white around a QR code (ISO/IEC 18004, 6.3.8)."""


def public_address(settings: Settings, scope: Scope) -> str:
    """Scheme and host of the pages, without a slash at the end: as set, else as this request came in."""
    if settings.public_address:
        return settings.public_address.rstrip("/")
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    if not _HOST.fullmatch(host):
        host = f"{settings.host}:{settings.port}"
    return f"{'https' if is_encrypted(scope) else 'http'}://{host}"


def join_link(settings: Settings, scope: Scope) -> str:
    """The watch page's address. It names no language: each phone asks for its own."""
    return public_address(settings, scope) + "/watch"


def qr_code(link: str) -> str:
    """An SVG element without a size, dark on white in any colour scheme."""
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawn, kind="svg", border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False,
        svgclass=None, lineclass=None,
    )
    return drawn.getvalue().decode()
