"""The simulcast with connections that the test plays and a clock in its hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from tests.stand_ins.simulcasting import HEAD, Calls, coast_tv, segment

from allpoints.kernel.clock import ManualClock
from allpoints.kernel.folders import Folders
from allpoints.publish.simulcast import UnknownReceiver, Wish, read_report, read_wishes, record_wish
from allpoints.publish.simulcast.pieces import Piece
from allpoints.publish.simulcast.pusher import CONNECT_SECONDS, GOODBYE_SECONDS, IDLE_SECONDS, STALL_SECONDS, Pusher
from allpoints.schedule.model import ReceiverRef

BEAT = 0.04


class Desk:
    """One pusher, its calls, and a program that goes on as time passes."""

    def __init__(self, wish: Wish = Wish(), *, enabled: bool = True, room: int = 10**9) -> None:  # noqa: B008
        self.clock = ManualClock(datetime(2031, 5, 17, 9, tzinfo=UTC))
        self.calls = Calls(room=room)
        self.pusher = Pusher(coast_tv(enabled=enabled), self.calls.start, self.clock, wish)
        self.next_segment = 0

    @property
    def state(self) -> str:
        return self.pusher.state().state

    def program(self, segments: int, *, head: bytes = HEAD) -> None:
        """So many segments go by, in real time."""
        for number in range(self.next_segment, self.next_segment + segments):
            for piece in segment(number, head=head):
                self.pusher.offer(piece)
                self.wait(0.25)
        self.next_segment += segments

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / BEAT)):
            self.clock.advance(BEAT)
            self.pusher.beat()

    def let_in(self) -> None:
        self.calls.children[-1].sent_bytes = 1000


@pytest.fixture
def desk() -> Desk:
    return Desk()


def flv(pieces: Sequence[Piece]) -> bytes:
    return HEAD + b"".join(piece.tag(pieces[0].time) for piece in pieces)


def test_a_receiver_is_called_when_there_is_something_to_send_and_gets_every_piece(desk: Desk) -> None:
    desk.wait(5)
    assert (desk.state, desk.calls.children) == ("waiting", [])
    for piece in segment(0)[4:]:  # nobody can begin in the middle
        desk.pusher.offer(piece)
    desk.wait(1)
    assert not desk.calls.children
    desk.next_segment = 1
    desk.program(1)
    assert desk.state == "connecting"
    desk.let_in()
    desk.program(4)
    assert desk.state == "sending"
    (child,) = desk.calls.children
    assert bytes(child.taken) == flv([piece for number in range(1, 6) for piece in segment(number)])


def test_one_that_takes_nothing_stalls_is_dropped_to_a_key_ended_and_called_again(desk: Desk) -> None:
    desk.program(1)
    desk.let_in()
    desk.program(1)
    first = desk.calls.children[0]
    first.room = 7  # in the middle of a tag
    desk.program(2)
    assert desk.state == "stalled"
    assert not first.was_killed
    desk.program(round(STALL_SECONDS / 2))
    assert first.was_killed
    assert desk.state == "stalled"  # until it takes something again
    assert desk.pusher.state().dropped > 0
    assert len(desk.calls.children) == 2
    again = segment(8)[0]
    assert bytes(desk.calls.children[1].taken).startswith(HEAD + again.tag(again.time))
    desk.let_in()
    desk.wait(1)
    assert desk.state == "sending"


def test_one_that_was_slow_goes_on_at_a_key_picture_within_the_same_connection(desk: Desk) -> None:
    desk.program(1)
    desk.let_in()
    (child,) = desk.calls.children
    child.room = 7
    desk.program(4)
    assert desk.pusher.state().dropped == 0
    child.room = 10**9
    desk.program(1)
    whole = flv([piece for number in range(desk.next_segment) for piece in segment(number)])
    assert bytes(child.taken) == whole  # four seconds are made up for
    assert desk.state == "sending"


def test_one_that_refuses_is_called_again_with_growing_pauses_and_costs_little(desk: Desk) -> None:
    starts: list[float] = []
    for _ in range(60):
        desk.program(1)
        for child in desk.calls.children[len(starts):]:
            starts.append(desk.clock.monotonic())
            child.runs, child.last_line = False, "refused"
    pauses = [after - before for before, after in pairwise(starts)]
    assert desk.state == "refused"
    assert len(starts) < 12
    assert pauses[-1] == max(pauses) <= 34
    state = desk.pusher.state()
    assert (state.log, state.bytes, state.retries) == ("refused", 0, len(starts))


def test_one_that_does_not_answer_is_given_up(desk: Desk) -> None:
    desk.program(round(CONNECT_SECONDS / 2) + 1)
    assert desk.state == "refused"
    assert desk.calls.children[0].was_killed


def test_one_that_hangs_up_is_called_again(desk: Desk) -> None:
    desk.program(1)
    desk.let_in()
    desk.program(1)
    desk.calls.children[0].runs = False
    desk.wait(0.1)
    assert desk.state == "connecting"
    desk.program(1)
    assert len(desk.calls.children) == 2
    desk.let_in()
    desk.program(1)
    state = desk.pusher.state()
    assert (state.state, state.retries, state.bytes) == ("sending", 1, 2000)


def test_a_hole_goes_by_within_the_connection(desk: Desk) -> None:
    desk.program(1)
    desk.let_in()
    desk.wait(4)
    desk.next_segment = 3
    desk.program(1)
    (child,) = desk.calls.children
    assert bytes(child.taken) == flv([*segment(0), *segment(3)])


@pytest.mark.parametrize("change", ["another setup", "a jump of an hour"])
def test_after_another_setup_or_a_jump_the_connection_is_begun_anew(desk: Desk, change: str) -> None:
    desk.program(1)
    desk.let_in()
    desk.program(1)
    head = HEAD
    if change == "another setup":
        head = b"another"
    else:
        desk.next_segment = 1800
    begins = desk.next_segment
    for piece in segment(begins, head=head)[:2]:
        desk.pusher.offer(piece)
    desk.wait(0.1)
    old = desk.calls.children[0]
    assert old.was_told
    assert len(desk.calls.children) == 1  # it may still hold the stream key's place
    old.runs = False
    desk.wait(0.1)
    new = desk.calls.children[1]
    first = segment(begins)[0]
    assert bytes(new.taken).startswith(head + first.tag(first.time))


def test_an_old_connection_that_does_not_say_goodbye_is_ended(desk: Desk) -> None:
    desk.program(1)
    desk.pusher.wish(Wish(is_on=False))
    desk.wait(GOODBYE_SECONDS + 0.2)
    assert desk.calls.children[0].was_killed


def test_with_nothing_to_send_it_is_hung_up_on(desk: Desk) -> None:
    desk.program(1)
    desk.let_in()
    desk.wait(IDLE_SECONDS + 0.2)
    assert desk.state == "waiting"
    assert desk.calls.children[0].was_told


def test_switched_off_and_on_and_called_anew(desk: Desk) -> None:
    desk.program(1)
    desk.let_in()
    desk.wait(0.1)
    desk.pusher.wish(Wish(is_on=False))
    assert desk.state == "off"
    assert desk.calls.children[0].was_told
    desk.calls.children[0].runs = False
    desk.program(2)
    assert len(desk.calls.children) == 1
    desk.pusher.wish(Wish(is_on=True))
    desk.program(1)
    assert len(desk.calls.children) == 2
    desk.let_in()
    desk.wait(0.1)
    desk.pusher.wish(Wish(is_on=True, restarts=1))
    desk.calls.children[1].runs = False
    desk.program(1)
    assert len(desk.calls.children) == 3
    assert desk.pusher.state().bytes == 2000


def test_how_it_begins_is_the_plans_until_the_crew_says_otherwise() -> None:
    assert Desk(enabled=False).state == "off"
    assert Desk(Wish(is_on=True), enabled=False).state == "waiting"
    assert Desk(Wish(is_on=False)).state == "off"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "data", tmp_path / "memory")
    folders.make()
    return folders


def test_wishes_are_kept_and_reports_read_or_nothing(folders: Folders) -> None:
    assert read_wishes(folders) == {}
    assert read_report(folders) is None
    ref = ReceiverRef("coast-tv")
    record_wish(folders, ref, lambda wish: msgspec.structs.replace(wish, is_on=False))
    record_wish(folders, ref, lambda wish: msgspec.structs.replace(wish, restarts=wish.restarts + 1))
    assert read_wishes(folders) == {"coast-tv": Wish(is_on=False, restarts=1)}
    (folders.data / "simulcast.json").write_text("{")
    assert read_wishes(folders) == {}
    assert UnknownReceiver(receiver="x").status == 404
