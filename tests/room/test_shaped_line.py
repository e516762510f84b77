"""The proxy that browsers are put behind keeps the rule of its line, in real seconds."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from tests.stand_ins.line import HEADER, PACKET, Line
from tests.stand_ins.shaped_line import Passed, ShapedLine, shaped_line

pytestmark = pytest.mark.alone


class _Gives(BaseRequestHandler):
    """Reads a number, sends as many bytes, and hangs up."""

    def handle(self) -> None:
        asked = self.request.recv(64)
        self.request.sendall(b"x" * int(asked))


@contextmanager
def reached_through(line: Line, seed: int = 1) -> Iterator[ShapedLine]:
    server = ThreadingTCPServer(("127.0.0.1", 0), _Gives)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with shaped_line(line, server.server_address[1], seed=seed) as shaped:
            yield shaped
    finally:
        server.shutdown()
        server.server_close()


def ask(shaped: ShapedLine, size: int) -> tuple[float, float]:
    """Seconds until the first byte and until the last."""
    began, first, got = time.monotonic(), 0.0, 0
    with socket.create_connection(("127.0.0.1", shaped.port)) as connection:
        connection.sendall(str(size).encode())
        while piece := connection.recv(65536):
            first = first or time.monotonic() - began
            got += len(piece)
    assert got == size
    return first, time.monotonic() - began


def test_it_keeps_the_rate() -> None:
    with reached_through(Line(512_000, 0.02)) as shaped:
        first, last = ask(shaped, 128_000)
    assert 127_000 * 8 / (last - first) == pytest.approx(512_000 * PACKET / (PACKET + HEADER), rel=0.05)


def test_two_connections_share_it() -> None:
    with reached_through(Line(512_000, 0.02)) as shaped:
        began = time.monotonic()
        threads = [threading.Thread(target=ask, args=(shaped, 48_000)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lasted = time.monotonic() - began
        passed = shaped.passed()
    assert 96_000 * 8 / (lasted - 0.08) == pytest.approx(512_000, rel=0.1)
    assert passed == Passed(up=10, down=96_000, connections=2)


def test_a_first_byte_takes_a_look_up_a_handshake_and_a_round_trip_and_the_next_no_look_up() -> None:
    with reached_through(Line(10_000_000, 0.2)) as shaped:
        assert 0.59 < ask(shaped, 100)[0] < 0.75
        mark = shaped.passed()
        assert 0.39 < ask(shaped, 100)[0] < 0.55
        assert shaped.passed().since(mark) == Passed(up=3, down=100, connections=1)


def test_loss_costs_time_and_no_bytes() -> None:
    with reached_through(Line(1_000_000, 0.1, 0.2), seed=3) as lossy:
        first, last = ask(lossy, 100_000)
        assert lossy.passed().down == 100_000
    assert last - first > 1.25 * 100_000 * 8 / 1_000_000


def test_who_can_not_be_reached_is_hung_up_on(free_port: Callable[[], int]) -> None:
    with (
        shaped_line(Line(1_000_000, 0.02), free_port()) as shaped,
        socket.create_connection(("127.0.0.1", shaped.port), 5) as connection,
    ):
        assert connection.recv(1) == b""
