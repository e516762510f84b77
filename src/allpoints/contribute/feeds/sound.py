"""Sound on a source's own timeline, addressed by sample, and how its edges are kept from clicking."""

from __future__ import annotations

from collections import deque

import numpy as np

from allpoints.contribute.source import Sound
from allpoints.kernel.timeline import SAMPLES_PER_TICK

QUIET_DB = -120.0

_FADE = SAMPLES_PER_TICK // 8  # 5 ms
_RISE = np.linspace(0.0, 1.0, _FADE, endpoint=False, dtype=np.float32)[:, None]
_FALL = _RISE[::-1]
_ACROSS = np.linspace(0.0, 1.0, SAMPLES_PER_TICK, endpoint=False, dtype=np.float32)[:, None]

Present = list[tuple[int, int]]
"""Which samples of one tick were there: ranges (first, past), ascending, not touching."""


class SoundTrack:
    """Samples in the order of their time; gaps are silence."""

    def __init__(self) -> None:
        self.end = 0
        self._chunks: deque[tuple[int, Sound]] = deque()

    def append(self, start: int, sound: Sound) -> None:
        """Add samples from sample ``start`` on; what overlaps the samples before is left out."""
        if start < self.end:
            sound = sound[self.end - start :]
            start = self.end
        if len(sound):
            self._chunks.append((start, sound))
            self.end = start + len(sound)

    def read(self, tick: int) -> tuple[Sound, Present]:
        """The sound of one tick, a fresh array of shape (1920, 2), and which of it was there."""
        begin = tick * SAMPLES_PER_TICK
        out = np.zeros((SAMPLES_PER_TICK, 2), np.float32)
        present: Present = []
        for start, sound in self._chunks:
            first, past = max(0, start - begin), min(SAMPLES_PER_TICK, start + len(sound) - begin)
            if first >= SAMPLES_PER_TICK:
                break
            if past <= first:
                continue
            out[first:past] = sound[begin + first - start : begin + past - start]
            if present and present[-1][1] == first:
                present[-1] = (present[-1][0], past)
            else:
                present.append((first, past))
        return out, present

    def forget(self, before_tick: int) -> None:
        """Drop what is earlier than ``before_tick``."""
        begin = before_tick * SAMPLES_PER_TICK
        while self._chunks and self._chunks[0][0] + len(self._chunks[0][1]) <= begin:
            self._chunks.popleft()

    def cut(self, at_tick: int) -> None:
        """Drop what is at ``at_tick`` or later."""
        end = at_tick * SAMPLES_PER_TICK
        while self._chunks and self._chunks[-1][0] + len(self._chunks[-1][1]) > end:
            start, sound = self._chunks.pop()
            if start < end:
                self._chunks.append((start, sound[: end - start]))
        self.end = min(self.end, end)


class Smoother:
    """Fades sound out where samples are missing and in where they come back; 5 ms each, across ticks."""

    def __init__(self) -> None:
        self._was_present = True
        self._last = np.zeros(2, np.float32)

    def smooth(self, sound: Sound, present: Present) -> Sound:
        """Treat the next tick in place; the first tick ever is taken to follow sound."""
        for first, past in present:
            if first > 0 or not self._was_present:
                length = min(_FADE, past - first)
                sound[first : first + length] *= _RISE[:length]
            if past < SAMPLES_PER_TICK:
                length = min(_FADE, past - first)
                sound[past - length : past] *= _FALL[-length:]
        hole = present[0][0] if present else SAMPLES_PER_TICK
        if hole and self._was_present:
            length = min(_FADE, hole)
            sound[:length] += self._last * _FALL[:length]
        self._was_present = bool(present) and present[-1][1] == SAMPLES_PER_TICK
        self._last = sound[-1].copy()
        return sound


def crossfade(leaving: Sound, coming: Sound) -> Sound:
    """One tick that begins as ``leaving`` and ends as ``coming``."""
    return leaving * (1 - _ACROSS) + coming * _ACROSS


def level_db(sound: Sound) -> tuple[float, float]:
    """Peak of each channel in dB below full scale; ``QUIET_DB`` for silence."""
    peaks = np.abs(sound).max(axis=0, initial=1e-6)
    left, right = 20 * np.log10(np.maximum(peaks, 1e-6))
    return round(float(left), 1), round(float(right), 1)
