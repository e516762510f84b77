"""The rule of the line that browsers are put behind: rate, round trip, loss, windows."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stand_ins.line import HEADER, PACKET, Access, Line, Stream, Way

LINE = Line(rate=64_000, round_trip=0.4)
TAKES = (PACKET + HEADER) * 8 / 64_000


class Fate(Random):
    """Loses the packets whose numbers it is told, each once."""

    def __init__(self, lost: set[int]) -> None:
        super().__init__(0)
        self._lost = lost
        self._number = -1
        self._again = False

    def random(self) -> float:
        if self._again:
            self._again = False
            return 1.0
        self._number += 1
        self._again = self._number in self._lost
        return 0.0 if self._again else 1.0


def losing(*numbers: int, line: Line = LINE) -> Way:
    return Way(Line(line.rate, line.round_trip, 0.5), Fate(set(numbers)))


def test_a_packet_takes_its_bits_and_half_a_round_trip() -> None:
    assert Way(LINE, Random(1)).carry(5.0, PACKET).arrives_at == pytest.approx(5.0 + TAKES + 0.2)


def test_packets_that_come_at_once_leave_one_after_another() -> None:
    way = Way(LINE, Random(1))
    arrivals = [way.carry(0.0, PACKET).arrives_at for _ in range(5)]
    assert arrivals == pytest.approx([0.2 + TAKES * n for n in range(1, 6)])


def test_a_line_that_was_idle_saves_nothing_up() -> None:
    way = Way(LINE, Random(1))
    way.carry(0.0, PACKET)
    assert way.carry(60.0, PACKET).arrives_at == pytest.approx(60.2 + TAKES)


def test_connections_share_the_rate() -> None:
    way = Way(LINE, Random(1))
    one, other = Stream(way), Stream(way)
    assert [stream.carry(0.0, PACKET) for stream in (one, other, one, other)] == pytest.approx(
        [0.2 + TAKES * n for n in range(1, 5)]
    )


def test_a_lost_packet_costs_a_round_trip_and_its_bits_again() -> None:
    way = losing(0)
    assert way.carry(0.0, PACKET).arrives_at == pytest.approx(2 * TAKES + 0.4 + 0.2)
    assert way.carry(0.0, PACKET).arrives_at == pytest.approx(3 * TAKES + 0.2)


def test_the_end_of_a_burst_waits_for_the_timeout() -> None:
    assert losing(0).carry(0.0, 100).arrives_at == pytest.approx(2 * LINE.seconds_for(100) + 1.0 + 0.2)
    slow = Line(24_000, 0.8)
    assert losing(0, line=slow).carry(0.0, 100).arrives_at == pytest.approx(2 * slow.seconds_for(100) + 1.6 + 0.4)


def test_what_lies_behind_a_lost_packet_waits_on_its_own_connection_only() -> None:
    way = losing(0)
    one, other = Stream(way), Stream(way)
    late = one.carry(0.0, PACKET)
    assert one.carry(0.0, PACKET) == late
    assert other.carry(0.0, PACKET) < late


def test_a_window_lets_ten_packets_go_and_the_next_when_the_first_is_known_to_have_come() -> None:
    stream = Stream(Way(LINE, Random(1)))
    first = stream.carry(0.0, PACKET)
    for _ in range(9):
        assert stream.may_send_at(0.0) == 0.0
        stream.carry(0.0, PACKET)
    assert stream.may_send_at(0.0) == pytest.approx(first + 0.2)
    assert stream.may_send_at(first + 0.2) == pytest.approx(first + 0.2)


def test_a_window_grows_on_a_fast_line_until_packets_queue() -> None:
    line = Line(5_000_000, 0.04)
    stream, now = Stream(Way(line, Random(1))), 0.0
    for _ in range(2000):
        now = stream.may_send_at(now)
        stream.carry(now, PACKET)
    needed = line.rate * line.round_trip / 8 / (PACKET + HEADER)
    assert needed < stream.window < 6 * needed


def test_a_loss_halves_the_window() -> None:
    stream = Stream(losing(0))
    stream.carry(0.0, PACKET)
    assert stream.may_send_at(10.0) == 10.0
    assert stream.window == 5


def test_a_name_is_looked_up_once() -> None:
    access = Access(LINE, seed=1)
    opened = [access.open(0.0, host) for host in ("a", "a", "b")]
    assert opened == pytest.approx([0.8, 0.4, 0.8])


@given(seed=st.integers(0, 2**32), pieces=st.lists(st.tuples(st.floats(0, 2), st.integers(1, PACKET)), max_size=80))
def test_bytes_arrive_in_order_at_no_more_than_the_rate_and_the_same_way_again(
    seed: int, pieces: list[tuple[float, int]]
) -> None:
    def arrivals() -> list[float]:
        stream, now, found = Stream(Access(Line(24_000, 0.8, 0.1), seed).down), 0.0, []
        for pause, size in pieces:
            now = stream.may_send_at(now + pause)
            found.append(stream.carry(now, size))
        return found

    first = arrivals()
    assert first == arrivals() == sorted(first)
    bits = sum((size + HEADER) * 8 for _, size in pieces)
    assert not first or first[-1] >= bits / 24_000


def test_as_many_get_lost_as_the_line_says() -> None:
    way = Way(Line(64_000, 0.4, 0.03), Random(7))
    lost = sum(way.carry(0.0, PACKET).losses for _ in range(20_000))
    assert lost / 20_000 == pytest.approx(0.031, abs=0.004)
