"""Spoken words from eSpeak NG, whose library and voices come whole in a wheel."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from allpoints.kernel.errors import AllpointsError

Mono = NDArray[np.float32]
"""One channel, full scale ±1."""

_SYNCHRONOUS, _DO_NOT_EXIT = 2, 0x8000
_UTF8, _BY_CHARACTER = 1, 1
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class NoVoice(AllpointsError):
    """eSpeak NG did not start, has no such voice, or did not speak."""

    code = "no_voice"
    status = 500
    for_people = "The demo's speakers have no voice ({reason}). Install Allpoints again, then start the demo anew."


@dataclass(frozen=True)
class Voice:
    """``name`` is eSpeak's, a variant after ``+``; ``rate`` in words a minute; ``pitch`` and ``melody`` 0 to 99."""

    name: str
    rate: int = 150
    pitch: int = 45
    melody: int = 55


class Speech:
    """The library, initialised: one to a process, used from one thread, for its state is global."""

    def __init__(self, library: ctypes.CDLL, sample_rate: int) -> None:
        self._library = library
        self.sample_rate = sample_rate

    @classmethod
    def start(cls) -> Speech:
        """Load the library and its voices."""
        library = ctypes.CDLL(espeakng_loader.get_library_path())
        folder = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, folder, _DO_NOT_EXIT)
        if rate <= 0:
            raise NoVoice(reason=f"eSpeak NG answers {rate}")
        return cls(library, rate)

    def say(self, text: str, voice: Voice) -> Mono:
        """``text`` spoken, at ``sample_rate``."""
        library = self._library
        if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise NoVoice(reason=f"no voice “{voice.name}”")
        for parameter, value in ((_RATE, voice.rate), (_PITCH, voice.pitch), (_RANGE, voice.melody), (_WORD_GAP, 1)):
            library.espeak_SetParameter(parameter, value, 0)
        pieces: list[NDArray[np.int16]] = []

        def hear(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
            if samples and count > 0:
                pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
            return 0

        callback = _CALLBACK(hear)  # must outlive the call below
        library.espeak_SetSynthCallback(callback)
        encoded = text.encode() + b"\0"
        answer = library.espeak_Synth(
            encoded, ctypes.c_size_t(len(encoded)), 0, _BY_CHARACTER, 0, _UTF8, None, None
        )
        if answer != 0 or not pieces:
            raise NoVoice(reason=f"eSpeak NG answers {answer}")
        return np.concatenate(pieces).astype(np.float32) / np.float32(32768)
