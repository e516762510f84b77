from __future__ import annotations

import av
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from allpoints.contribute.feeds.buffer import TickBuffer
from allpoints.contribute.feeds.sound import QUIET_DB, Smoother, SoundTrack, level_db
from allpoints.contribute.source import Sound
from allpoints.kernel.timeline import SAMPLES_PER_TICK


def counted(start: int, length: int) -> Sound:
    """Samples that tell their own index; exact in float32 below 16 million."""
    return np.repeat(np.arange(start, start + length, dtype=np.float32)[:, None], 2, axis=1)


def wave(ticks: int) -> Sound:
    """A tone whose period does not divide the tick."""
    steps = np.arange(ticks * SAMPLES_PER_TICK)
    return np.repeat(np.sin(2 * np.pi * 437 * steps / 48_000).astype(np.float32)[:, None], 2, axis=1)


def steepest(sound: Sound) -> float:
    return float(np.abs(np.diff(sound, axis=0)).max())


def filled(ticks: int, sound: Sound | None = None) -> tuple[TickBuffer, list[av.VideoFrame]]:
    buffer = TickBuffer()
    pictures = [av.VideoFrame(16, 16, "yuv420p") for _ in range(ticks)]
    for tick, picture in enumerate(pictures):
        buffer.add_picture(tick, picture)
    if sound is not None:
        buffer.sound.append(0, sound)
    return buffer, pictures


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20))
def test_sound_comes_out_sample_by_sample_however_it_was_cut(lengths: list[int]) -> None:
    track, start = SoundTrack(), 0
    for length in lengths:
        track.append(start, counted(start, length))
        start += length
    for tick in range(start // SAMPLES_PER_TICK):
        sound, present = track.read(tick)
        assert present == [(0, SAMPLES_PER_TICK)]
        assert np.array_equal(sound, counted(tick * SAMPLES_PER_TICK, SAMPLES_PER_TICK))


def test_sound_that_overlaps_is_heard_once() -> None:
    track = SoundTrack()
    track.append(0, counted(0, 1500))
    track.append(1000, counted(1000, 1500))
    assert np.array_equal(track.read(0)[0], counted(0, SAMPLES_PER_TICK))


def test_sound_can_be_cut_at_a_tick() -> None:
    track = SoundTrack()
    track.append(0, counted(0, 10_000))
    track.cut(2)
    assert track.end == 2 * SAMPLES_PER_TICK
    assert track.read(2)[1] == []


def test_holes_in_sound_do_not_click() -> None:
    tone, track, smoother = wave(8), SoundTrack(), Smoother()
    track.append(0, tone[:3000])
    track.append(5001, tone[5001:9000])
    heard = np.concatenate([smoother.smooth(*track.read(tick)) for tick in range(6)])
    assert steepest(heard) < 1.2 * steepest(tone)
    assert not heard[3300:5000].any()
    assert np.array_equal(heard[:2700], tone[:2700])


def test_picture_and_sound_of_a_tick_stay_together() -> None:
    buffer, pictures = filled(5, counted(0, 5 * SAMPLES_PER_TICK))
    for tick in range(5):
        moment = buffer.take()
        assert moment is not None
        assert moment.picture is pictures[tick]
        assert moment.sound[0, 0] == tick * SAMPLES_PER_TICK


def test_a_skipped_tick_keeps_sync_and_does_not_click() -> None:
    tone = wave(6)
    buffer, pictures = filled(6, tone)
    first, skipped, then = buffer.take(), buffer.take(skip=1), buffer.take()
    assert first is not None
    assert skipped is not None
    assert then is not None
    assert skipped.picture is pictures[2]
    assert then.picture is pictures[3]
    assert np.array_equal(then.sound, tone[3 * SAMPLES_PER_TICK : 4 * SAMPLES_PER_TICK])
    assert steepest(np.concatenate([first.sound, skipped.sound, then.sound])) < 1.5 * steepest(tone)


def test_a_held_tick_keeps_sync_and_does_not_click() -> None:
    tone = wave(6)
    buffer, pictures = filled(6, tone)
    buffer.take()
    first, held, then = buffer.take(), buffer.hold(), buffer.take()
    assert first is not None
    assert held is not None
    assert then is not None
    assert held.picture is pictures[1]
    assert then.picture is pictures[2]
    assert np.array_equal(then.sound, tone[2 * SAMPLES_PER_TICK : 3 * SAMPLES_PER_TICK])
    assert steepest(np.concatenate([first.sound, held.sound, then.sound])) < 1.5 * steepest(tone)


def test_trimming_drops_the_oldest_and_shortening_the_newest() -> None:
    buffer, pictures = filled(20, wave(20))
    buffer.trim(10)
    assert (buffer.playhead, buffer.depth) == (10, 10)
    assert buffer.front is pictures[10]
    buffer.shorten(4)
    assert (buffer.depth, buffer.sound_depth) == (4, 4)
    assert buffer.level[0] > -1


def test_nothing_is_shown_before_the_first_picture() -> None:
    buffer = TickBuffer()
    buffer.sound.append(0, wave(2))
    assert buffer.take() is None


def test_levels_are_peaks_per_channel() -> None:
    sound = np.zeros((SAMPLES_PER_TICK, 2), np.float32)
    sound[7, 0] = -0.5
    assert level_db(sound) == (-6.0, QUIET_DB)
