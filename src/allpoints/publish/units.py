"""Samples gathered into units, the pieces that are held and released: segments, or parts of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_PART, TICKS_PER_SECOND
from allpoints.publish.encoders import Prepared
from allpoints.publish.fragments import Sample, fragment
from allpoints.publish.ladder import PARTS_PER_SEGMENT, AudioRung, Rung, Slot, VideoRung, start_and_length


def sample_length(rung: Rung) -> int:
    """How long one sample lasts, in the rung's time base."""
    return rung.every if isinstance(rung, VideoRung) else rung.frame


def slot_of_time(rung: Rung, time: int, *, parted: bool) -> Slot:
    """The unit that a sample belongs to: the one in which it starts."""
    tick = time if isinstance(rung, VideoRung) else time * TICKS_PER_SECOND // SAMPLE_RATE
    part = tick // TICKS_PER_PART
    return Slot(part // PARTS_PER_SEGMENT, part % PARTS_PER_SEGMENT if parted else None)


def unit_bytes(rung: Rung, slot: Slot, samples: Sequence[Sample]) -> bytes:
    """The fragment of one unit."""
    number = slot.segment * PARTS_PER_SEGMENT + (slot.part or 0)
    return fragment(number, samples, sample_length(rung), video=isinstance(rung, VideoRung))


def slate_unit(rung: Rung, prepared: Prepared, slot: Slot) -> bytes:
    """A unit of slate with the very timing that the program's would have had."""
    start, length = start_and_length(rung, slot)
    if isinstance(rung, AudioRung):
        count = length // rung.frame
        samples = [replace(prepared.slate[0], time=start + number * rung.frame) for number in range(count)]
    else:
        offset = (slot.part or 0) * TICKS_PER_PART // rung.every
        chosen = prepared.slate[offset : offset + length // rung.every]
        samples = [replace(each, time=start + number * rung.every) for number, each in enumerate(chosen)]
    return unit_bytes(rung, slot, samples)


@dataclass
class UnitBuilder:
    """Gathers one rung's samples of one run. A unit that the run's end cuts short is never handed on."""

    rung: Rung
    parted: bool
    _samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample) -> tuple[Slot, bytes] | None:
        """Take the next sample; the unit it completes, if it does."""
        self._samples.append(sample)
        slot = slot_of_time(self.rung, self._samples[0].time, parted=self.parted)
        start, length = start_and_length(self.rung, slot)
        if sample.time + sample_length(self.rung) < start + length:
            return None
        samples, self._samples = self._samples, []
        return slot, unit_bytes(self.rung, slot, samples)
