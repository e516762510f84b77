"""From dry speech to the sound of a clip: a small room, the sea outside, and an even loudness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allpoints.app.demo.voices import Mono
from allpoints.kernel.timeline import SAMPLE_RATE

Stereo = NDArray[np.float32]
"""48 kHz, shape (samples, 2), full scale ±1."""

LOUDNESS = -18.0
"""LUFS of every clip."""

_CEILING = 10 ** (-2.0 / 20)  # leaves a lossy encoder the decibel that it may overshoot


# BS.1770-5, annex 1, tables 1 and 2: the two stages of the K weighting at 48 kHz, as (b, a).
_STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


def loudness(sound: Stereo) -> float:
    """Integrated loudness in LUFS, gated (ITU-R BS.1770-5, annex 1)."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(sound)))
    spectrum = np.fft.rfft(sound, axis=0)
    for b, a in _STAGES:
        spectrum *= (np.polyval(b[::-1], z) / np.polyval(a[::-1], z))[:, None]
    weighted = np.fft.irfft(spectrum, len(sound), axis=0)
    hop, block = SAMPLE_RATE // 10, 4
    power = (weighted[:len(sound) // hop * hop].reshape(-1, hop, 2) ** 2).mean(axis=1).sum(axis=1)
    blocks = np.convolve(power, np.ones(block) / block, "valid")

    def level(chosen: NDArray[np.float64]) -> float:
        return float(-0.691 + 10 * np.log10(chosen.mean())) if chosen.size and chosen.mean() > 0 else -120.0

    loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    return level(loud[loud > 10 ** ((level(loud) - 10 + 0.691) / 10)])


def resampled(speech: Mono, sample_rate: int) -> Mono:
    """``speech`` at 48 kHz, its harshness taken off: eSpeak has too much of 3 to 6 kHz, and rumble below 80 Hz."""
    step = sample_rate // np.gcd(sample_rate, SAMPLE_RATE)
    whole = np.pad(speech, (0, -len(speech) % step))
    spectrum = np.fft.rfft(whole)
    length = len(whole) * SAMPLE_RATE // sample_rate
    frequencies = np.fft.rfftfreq(len(whole), 1 / sample_rate)
    tone = frequencies**2 / (frequencies**2 + 80.0**2) * (1 - 0.45 * np.exp(-(((frequencies - 4200) / 1800) ** 2)))
    wide = np.zeros(length // 2 + 1, np.complex128)
    wide[:len(spectrum)] = spectrum * tone
    return (np.fft.irfft(wide, length) * (length / len(whole))).astype(np.float32)


def _convolved(sound: Stereo, answer: Stereo) -> Stereo:
    length = len(sound) + len(answer)
    product = np.fft.rfft(sound, length, axis=0) * np.fft.rfft(answer, length, axis=0)
    convolved: Stereo = np.fft.irfft(product, length, axis=0)[:len(sound)].astype(np.float32)
    return convolved


def in_a_room(voice: Mono, samples: int, starts_at: int, place: float, seed: int) -> Stereo:
    """``voice`` in a small stone room, from sample ``starts_at`` of ``samples``; ``place`` −1 is left, 1 is right."""
    dry = np.zeros((samples, 2), np.float32)
    spoken = voice[:max(0, samples - starts_at)]
    sides = np.sqrt(np.array([0.5 - place * 0.12, 0.5 + place * 0.12], np.float32))
    dry[starts_at:starts_at + len(spoken)] = spoken[:, None] * sides
    chance = np.random.default_rng(seed)
    length = int(0.34 * SAMPLE_RATE)
    tail = chance.normal(size=(length, 2)) * np.exp(-np.arange(length) / (0.07 * SAMPLE_RATE))[:, None]
    tail[:int(0.011 * SAMPLE_RATE)] = 0
    tail *= 0.19 / np.sqrt((tail**2).sum(axis=0))
    return dry + _convolved(dry, tail.astype(np.float32))


def sea(samples: int, strength: float, seed: int) -> Stereo:
    """Surf: soft noise that comes and goes, at about ``strength`` (a factor of full scale)."""
    chance = np.random.default_rng(seed)
    frequencies = np.fft.rfftfreq(samples, 1 / SAMPLE_RATE)
    shape = 1 / (1 + (frequencies / 420) ** 1.3) * (frequencies / (frequencies + 60))
    noise = np.fft.irfft(np.fft.rfft(chance.normal(size=(samples, 2)), axis=0) * shape[:, None], samples, axis=0)
    time = np.arange(samples) / SAMPLE_RATE
    swell = 0.62 + 0.26 * np.sin(time * 0.97 + seed) + 0.12 * np.sin(time * 0.41 + 1.3)
    surf: Stereo = (noise / noise.std() * swell[:, None] * strength).astype(np.float32)
    return surf


def bell(samples: int, every: float) -> Stereo:
    """A harbour bell, struck twice every ``every`` seconds."""
    time = np.arange(int(2.8 * SAMPLE_RATE)) / SAMPLE_RATE
    partials = ((1.0, 0.5, 1.1), (2.0, 0.3, 0.8), (2.4, 0.22, 0.6), (3.0, 0.14, 0.45), (4.2, 0.08, 0.3))
    stroke = sum(share * np.sin(2 * np.pi * 523.0 * ratio * time) * np.exp(-time / decay)
                 for ratio, share, decay in partials)
    stroke = (stroke * np.minimum(time / 0.002, 1.0)).astype(np.float32)
    rung = np.zeros(samples, np.float32)
    for start in np.arange(2.0, samples / SAMPLE_RATE, every):
        for struck_at in (start, start + 0.55):
            first = int(struck_at * SAMPLE_RATE)
            part = stroke[:max(0, samples - first)]
            rung[first:first + len(part)] += part
    return np.stack([rung * 0.6, rung * 0.45], axis=1)


def mastered(sound: Stereo) -> Stereo:
    """``sound`` at ``LOUDNESS``, with soft ends and no peak above −2 dBFS."""
    fade = int(0.25 * SAMPLE_RATE)
    shaped = sound.copy()
    slope = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))[:, None] ** 2
    shaped[:fade] *= slope
    shaped[-fade:] *= slope[::-1]
    for _ in range(3):  # limiting takes some loudness away, so the gain is found again
        shaped *= np.float32(10 ** ((LOUDNESS - loudness(shaped)) / 20))
        shaped = _limited(shaped)
    return shaped


def _limited(sound: Stereo) -> Stereo:
    """Bend what rises above half the ceiling towards it."""
    knee = 0.55 * _CEILING
    size = np.abs(sound)
    bent = knee + (_CEILING - knee) * np.tanh((size - knee) / (_CEILING - knee))
    return np.where(size > knee, np.sign(sound) * bent, sound).astype(np.float32)


def opening(sound: Stereo, frames_per_second: int) -> Mono:
    """How wide a mouth stands in each video frame, 0 to 1, by the loudness of the speech."""
    hop = SAMPLE_RATE // frames_per_second
    frames = sound[:len(sound) // hop * hop].reshape(-1, hop, 2)
    size = np.sqrt((frames**2).mean(axis=(1, 2)))
    wide: Mono = np.clip(size / (np.percentile(size, 96) + 1e-9), 0, 1).astype(np.float32)
    return wide
