"""Are the ports free that Allpoints is to listen on?"""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

from allpoints.app.data_folder import LEFT_BY_A_PREDECESSOR
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.settings import SETTINGS, Settings

QUEUE = 2048
"""How many callers wait at a port while nobody takes them."""

UNHEARD_MS = 30_000
"""A caller who takes nothing of what was sent for so long is gone, or never will: the connection ends, and its memory
is free. Who is silent because there was nothing to send stays."""


class PortTaken(AllpointsError):
    """Another program listens on a port that is needed."""

    code = "port_taken"
    for_people = (
        "Port {port} on {host} is taken: another program listens there. See which with “ss -ltnp sport = :{port}” "
        "and end it, or choose another port with {option}."
    )


class PortForbidden(AllpointsError):
    """This user may not listen on a port."""

    code = "port_forbidden"
    for_people = "This user may not listen on port {port} of {host}. Choose a port above 1023 with {option}."


class NoSuchAddress(AllpointsError):
    """The machine has no such address."""

    code = "no_such_address"
    for_people = "This machine has no address {host}, so nothing can listen there ({reason}). Change {option}."


@dataclass(frozen=True)
class Listening:
    """An address to listen on, and the settings that choose it."""

    host: str
    port: int
    host_option: str
    port_option: str


def listenings(settings: Settings) -> list[Listening]:
    """Every address that the processes listen on."""
    option = {setting.name: setting.option for setting in SETTINGS}
    return [
        Listening(settings.host, settings.port, option["host"], option["port"]),
        Listening(settings.rtmp_host, settings.rtmp_port, option["rtmp_host"], option["rtmp_port"]),
    ]


def a_free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listen_at(listening: Listening, unheard_ms: int = UNHEARD_MS) -> socket.socket:
    """A socket that listens there. Who calls waits in its queue; who takes nothing for ``unheard_ms`` is hung up on.

    Raises PortTaken, PortForbidden or NoSuchAddress.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            listening.host, listening.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        is_dual = family is socket.AF_INET6 and socket.has_dualstack_ipv6()
        listener = socket.create_server(address, family=family, backlog=QUEUE, dualstack_ipv6=is_dual)
    except OSError as error:
        port, host = listening.port, listening.host
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port=port, host=host, option=listening.port_option) from None
        if error.errno == errno.EACCES:
            raise PortForbidden(port=port, host=host, option=listening.port_option) from None
        raise NoSuchAddress(host=host, reason=error.strerror or str(error), option=listening.host_option) from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unheard_ms)  # which callers inherit
    return listener


def check_free(listening: Listening) -> None:
    """Raises what ``listen_at`` raises when nothing could listen there now."""
    listen_at(listening).close()


def listen_when_free(listening: Listening, clock: Clock) -> socket.socket:
    """The same as ``listen_at``, after waiting out a predecessor that was just killed."""
    give_up_at = clock.monotonic() + LEFT_BY_A_PREDECESSOR
    while True:
        try:
            return listen_at(listening)
        except PortTaken:
            if clock.monotonic() >= give_up_at:
                raise
            clock.sleep(0.1)
