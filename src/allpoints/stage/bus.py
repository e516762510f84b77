"""The program bus: layers of infallible sources, faded into one another so that no take shows a hole or clicks."""

from __future__ import annotations

from dataclasses import dataclass

import av
import numpy as np

from allpoints.contribute.source import Moment, Sound
from allpoints.kernel.timeline import SAMPLES_PER_TICK
from allpoints.stage.graphics import mix_pictures
from allpoints.stage.infallible import InfallibleSource
from allpoints.stage.protocol import Transition

CUT_TICKS = 1
MIX_TICKS = 12
"""A cut changes the picture on its tick and fades the sound over that tick (40 ms); a mix takes 0.48 s for both."""


@dataclass
class Layer:
    """One source on the bus. ``level`` is where its fade stands, 0 to 1; it moves by ``step`` each tick."""

    name: str
    source: InfallibleSource
    level: float
    step: float
    dissolves: bool

    @property
    def leaving(self) -> bool:
        return self.step < 0


def _faded(sound: Sound, start: float, end: float) -> Sound:
    """Sound under an equal-power fade from ``start`` to ``end``."""
    if start == end == 1.0:
        return sound
    curve = np.sin(np.linspace(start, end, SAMPLES_PER_TICK, dtype=np.float32) * (np.pi / 2))
    faded: Sound = sound * curve[:, None]
    return faded


class ProgramBus:
    """What the audience gets. It holds at least one layer at all times; layers carry the name of their airing."""

    def __init__(self, first: InfallibleSource, name: str) -> None:
        self._layers = [Layer(name, first, 1.0, 0.0, dissolves=False)]

    @property
    def top(self) -> Layer:
        """The layer that is on air or coming on."""
        return self._layers[-1]

    def take(self, source: InfallibleSource, name: str, transition: Transition) -> None:
        """Bring ``source`` on from the next tick; whatever is on leaves, from wherever its fade stands."""
        ticks = CUT_TICKS if transition == "cut" else MIX_TICKS
        for layer in self._layers:
            layer.step = -1.0 / ticks
        self._layers.append(Layer(name, source, 0.0, 1.0 / ticks, dissolves=transition == "mix"))

    def render(self) -> tuple[Moment, list[Layer]]:
        """The next tick's picture and sound, and the layers that left the air with it."""
        picture: av.VideoFrame | None = None
        sound: Sound | None = None
        for layer in self._layers:
            moment = layer.source.render()
            before = layer.level
            layer.level = min(1.0, max(0.0, layer.level + layer.step))
            if picture is None or not layer.dissolves or layer.leaving:
                picture = moment.picture
            elif layer.level < 1.0:
                picture = mix_pictures(picture, moment.picture, layer.level)
            else:
                picture = moment.picture
            faded = _faded(moment.sound, before, layer.level)
            sound = faded if sound is None else sound + faded
        assert picture is not None
        assert sound is not None
        if len(self._layers) > 1:
            sound = np.clip(sound, -1.0, 1.0)
        left = [layer for layer in self._layers if layer.leaving and layer.level <= 0.0]
        self._layers = [layer for layer in self._layers if layer not in left]
        if self.top.level >= 1.0:
            self.top.step = 0.0
        return Moment(picture, sound), left
