"""A receiver's connection that the test plays, and a program made of words."""

from __future__ import annotations

from dataclasses import dataclass, field

from allpoints.publish.simulcast.pieces import PICTURE, SOUND, Piece
from allpoints.schedule.model import Localized, Receiver, ReceiverRef

HEAD = b"FLV head"


@dataclass
class FakeChild:
    """Takes ``room`` bytes and no more; ``says`` is its log."""

    room: int = 10**9
    sent_bytes: int = 0
    last_line: str = ""
    runs: bool = True
    taken: bytearray = field(default_factory=bytearray)
    was_killed: bool = False
    was_told: bool = False

    def write(self, content: memoryview) -> int:
        count = min(self.room, len(content)) if self.runs and not self.was_told else 0
        self.room -= count
        self.taken += content[:count]
        return count

    def look(self) -> bool:
        return self.runs

    def finish(self) -> None:
        self.was_told = True

    def kill(self) -> None:
        self.was_killed, self.runs = True, False


@dataclass
class Calls:
    """Everybody who was called: each call gives a new child."""

    children: list[FakeChild] = field(default_factory=list)
    room: int = 10**9

    def start(self, _: Receiver) -> FakeChild:
        self.children.append(FakeChild(room=self.room))
        return self.children[-1]


def coast_tv(**changes: object) -> Receiver:
    """A receiver."""
    given: dict[str, object] = {"url": "rtmp://coast.example/app", "stream_key": "lamp-and-horn", **changes}
    return Receiver(ReceiverRef("coast-tv"), Localized({"en": "Coast TV"}), **given)  # type: ignore[arg-type]


def segment(number: int, *, head: bytes = HEAD) -> list[Piece]:
    """Two seconds of four pictures and a sound after each."""
    made = []
    for step in range(4):
        time = number * 2000 + step * 500
        made.append(Piece(PICTURE, time, b"picture %d" % time, head if step == 0 else None))
        made.append(Piece(SOUND, time + 10, b"sound %d" % time))
    return made
