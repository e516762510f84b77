"""For how long program has been black, frozen or silent."""

from __future__ import annotations

import numpy as np
from tests.stand_ins.stage import plain_picture

from allpoints.contribute.source import Moment, Sound
from allpoints.stage.infallible import silence
from allpoints.stage.stillness import Stillness


def hum() -> Sound:
    return np.full((1920, 2), 0.01, np.float32)


def test_nothing_is_still_while_pictures_change_and_somebody_speaks() -> None:
    stillness = Stillness()
    for tick in range(0, 500, 5):
        stillness.look(tick, Moment(plain_picture(60 + tick % 7), hum()))
    assert (stillness.black_ms, stillness.frozen_ms, stillness.silent_ms) == (0, 0, 0)


def test_black_frozen_and_silent_are_timed_each_by_itself() -> None:
    stillness = Stillness()
    stillness.look(0, Moment(plain_picture(100), hum()))
    for tick in range(25, 275, 25):
        stillness.look(tick, Moment(plain_picture(16), silence()))
    assert (stillness.black_ms, stillness.frozen_ms, stillness.silent_ms) == (9000, 8000, 9000)
    stillness.look(275, Moment(plain_picture(16), hum()))
    assert (stillness.black_ms, stillness.frozen_ms, stillness.silent_ms) == (10_000, 9000, 0)
    stillness.look(280, Moment(plain_picture(90), hum()))
    assert (stillness.black_ms, stillness.frozen_ms) == (0, 0)


def test_a_dark_scene_with_a_light_in_it_is_not_black() -> None:
    stillness = Stillness()
    picture = plain_picture(16)
    rows = bytearray(bytes(picture.planes[0]))
    for row in range(320, 400):
        start = row * picture.planes[0].line_size
        rows[start + 600:start + 680] = bytes([180]) * 80
    picture.planes[0].update(bytes(rows))
    for tick in (0, 25):
        stillness.look(tick, Moment(picture, hum()))
    assert stillness.black_ms == 0
