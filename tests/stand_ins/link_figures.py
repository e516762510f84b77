"""What a visit over a weak line came to: sums over what was seen of it. Seconds count from the navigation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from allpoints.publish.ladder import LADDERS
from tests.stand_ins.shaped_line import Passed

STILL_SECONDS = 0.45
SETTLING_SECONDS = 8.0


@dataclass(frozen=True)
class Look:
    """The media element at one moment: where it stands, up to where it is buffered, bytes of sound it has decoded."""

    at: float
    time: float
    buffered: float
    decoded: int

    @property
    def ahead(self) -> float:
        """Seconds that can be played without anything more."""
        return max(0.0, self.buffered - self.time)


@dataclass(frozen=True)
class Stall:
    """A time without sound after the first."""

    at: float
    seconds: float


@dataclass(frozen=True)
class Reading:
    """What the line had carried at one moment."""

    at: float
    passed: Passed


@dataclass(frozen=True)
class Steady:
    """The line's bytes over a time of playing, beside the seconds of media that came by them."""

    seconds: float
    media_seconds: float
    passed: Passed

    @property
    def bit_rate(self) -> float:
        """Bit/s of all that was carried, both ways, for each second of media."""
        return self.passed.bytes * 8 / self.media_seconds if self.media_seconds > 0 else 0.0


def first_sound(looks: Sequence[Look]) -> float | None:
    """When the element first moved on by playing, with sound decoded; None while it has not."""
    for before, after in itertools.pairwise(looks):
        if after.decoded > 0 and 0 < after.time - before.time < 2 * (after.at - before.at):
            return after.at
    return None


def stalls(looks: Sequence[Look]) -> list[Stall]:
    """Every time after the first sound in which the element stood still."""
    sound = first_sound(looks)
    if sound is None:
        return []
    found, stands_since = [], None
    heard = [look for look in looks if look.at >= sound]
    for before, after in itertools.pairwise(heard):
        if after.time <= before.time:
            stands_since = before.at if stands_since is None else stands_since
        elif stands_since is not None:
            found.append(Stall(stands_since, before.at - stands_since))
            stands_since = None
    if stands_since is not None:
        found.append(Stall(stands_since, heard[-1].at - stands_since))
    return [stall for stall in found if stall.seconds > STILL_SECONDS]


def steady(looks: Sequence[Look], readings: Sequence[Reading]) -> Steady | None:
    """The time from some seconds after the first sound to the end; None where there was none.

    It begins and ends when something has just been appended: what is under way belongs to what comes next.
    """
    sound = first_sound(looks)
    if sound is None:
        return None
    appended = [after for before, after in itertools.pairwise(looks)
                if after.at > sound + SETTLING_SECONDS and after.buffered > before.buffered]
    if len(appended) < 2:
        return None
    begin, end = appended[0], appended[-1]
    carried = _passed_at(readings, end.at).since(_passed_at(readings, begin.at))
    return Steady(end.at - begin.at, end.buffered - begin.buffered, carried)


def _passed_at(readings: Sequence[Reading], at: float) -> Passed:
    return min(readings, key=lambda reading: abs(reading.at - at)).passed


def nominal_bit_rate(asked: Iterable[str]) -> tuple[str, int]:
    """The renditions that were fetched last, and their rates by the ladder, in bit/s."""
    known = {rung.name: rung.bit_rate for ladder in LADDERS.values() for rung in ladder.rungs}
    fetched = [match[1] for url in asked if (match := re.search(r"/live/([a-z]+\d+)\b.*\.m4s", url))]
    last = sorted({name for name in fetched[-4:] if name in known})
    return "+".join(last), sum(known[name] for name in last)
