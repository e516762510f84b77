"""Loudness and limiting of the demo's sound."""

from __future__ import annotations

import numpy as np
import pytest

from allpoints.app.demo.sound import LOUDNESS, Stereo, bell, in_a_room, loudness, mastered, opening, resampled, sea

RATE = 48_000


def tone(frequency: float, level_db: float, seconds: float = 4.0) -> Stereo:
    time = np.arange(int(seconds * RATE)) / RATE
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * time)
    return np.stack([wave, wave], axis=1).astype(np.float32)


@pytest.mark.parametrize(("level", "expected"), [(-23.0, -23.0), (-33.0, -33.0)])
def test_loudness_meets_the_cases_of_ebu_tech_3341(level: float, expected: float) -> None:
    assert loudness(tone(1000, level, 20)) == pytest.approx(expected, abs=0.1)


def test_silence_between_words_does_not_count() -> None:
    spoken = tone(1000, -20)
    assert loudness(np.vstack([spoken, np.zeros_like(spoken)])) == pytest.approx(loudness(spoken), abs=0.4)


def test_silence_has_a_loudness_too() -> None:
    assert loudness(np.zeros((RATE, 2), np.float32)) == -120.0


def test_mastered_sound_is_even_and_keeps_its_head_room() -> None:
    sound = sea(6 * RATE, 0.01, 1) + bell(6 * RATE, 2.0)
    finished = mastered(sound)
    assert loudness(finished) == pytest.approx(LOUDNESS, abs=0.3)
    assert 20 * np.log10(np.abs(finished).max()) <= -1.9
    assert np.abs(finished[[0, -1]]).max() < 1e-4


def test_resampling_keeps_pitch_and_length() -> None:
    time = np.arange(22050) / 22050
    wide = resampled(np.sin(2 * np.pi * 440 * time).astype(np.float32), 22050)
    assert len(wide) == RATE
    assert int(np.argmax(np.abs(np.fft.rfft(wide)))) == 440
    assert np.abs(wide).max() == pytest.approx(0.97, abs=0.06)


def test_a_room_places_the_voice_and_cuts_off_what_does_not_fit() -> None:
    sound = in_a_room(tone(300, -12, 1.0)[:, 0], RATE, RATE // 2, 1.0, 3)
    assert sound.shape == (RATE, 2)
    assert np.abs(sound[:RATE // 2 - 1]).max() < 1e-5
    left, right = np.sqrt((sound[RATE // 2:] ** 2).mean(axis=0))
    assert right > 1.1 * left


def test_the_mouth_opens_with_the_voice() -> None:
    mouth = opening(np.vstack([np.zeros((RATE, 2), np.float32), tone(200, -10, 1)]), 25)
    assert len(mouth) == 50
    assert mouth[:25].max() == 0
    assert mouth[30:].min() > 0.9
