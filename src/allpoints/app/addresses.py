"""Where people and publishers find this gathering, and whether the pages answer yet."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

from allpoints.kernel.settings import Settings
from allpoints.schedule.model import Gathering, SourceKind

PATIENCE = 0.5
"""Seconds that the pages may take to answer when asked whether they are there."""

_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - names them, listens on neither


def reached_at(host: str) -> str:
    """An address at which something that listens on ``host`` is reached from this machine."""
    return _REACHED_AT.get(host, host)


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def page_address(settings: Settings, path: str) -> str:
    """The address of a page, as seen from this machine."""
    return f"http://{_authority(reached_at(settings.host), settings.port)}{path}"


def rtmp_address(settings: Settings) -> str:
    """What RTMP publishers enter as server, as seen from this machine; the stream key goes beside it."""
    return f"rtmp://{_authority(reached_at(settings.rtmp_host), settings.rtmp_port)}/live"


def pages_answer(settings: Settings) -> bool:
    """Whether the home page can be had now."""
    connection = http.client.HTTPConnection(reached_at(settings.host), settings.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def told_addresses(
    settings: Settings, gathering: Gathering, new_secret: str | None, *, is_demo: bool = False
) -> Iterator[str]:
    """The lines to print when the pages answer. ``new_secret`` is the control page's, on its first day only."""
    yield f"Watch        {page_address(settings, '/watch')}"
    yield f"Schedule     {page_address(settings, '/schedule')}"
    yield f"Control      {page_address(settings, '/control')}"
    if is_demo:
        yield f"Break it     {page_address(settings, '/break')}"
    if new_secret:
        yield f"  secret     {new_secret}   (shown once; “allpoints reset-secret” makes another)"
    live = [source for source in gathering.sources if source.kind is SourceKind.RTMP]
    if live:
        yield f"Send RTMP to {rtmp_address(settings)}"
    for source in live:
        yield f"  key        {source.stream_key}   for {source.name.in_language(gathering.languages[0])}"
