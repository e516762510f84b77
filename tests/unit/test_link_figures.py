"""What is summed up of a visit over a weak line."""

from __future__ import annotations

import pytest
from tests.stand_ins.link_figures import Look, Reading, first_sound, nominal_bit_rate, stalls, steady
from tests.stand_ins.shaped_line import Passed


def played(*pieces: tuple[float, float], begins: float = 0.0) -> list[Look]:
    """Ten looks a second over pieces (seconds, pace); 6 s are always buffered."""
    looks: list[Look] = []
    time = begins
    for seconds, pace in pieces:
        for _ in range(round(seconds * 10)):
            looks.append(Look(len(looks) / 10, time, time + 6, 100))
            time += pace / 10
    return looks


def test_the_first_sound_is_where_the_element_moves_by_playing() -> None:
    assert first_sound(played((3, 0), (2, 1))) == pytest.approx(3.1)
    assert first_sound(played((3, 0))) is None


def test_a_jump_to_where_the_stream_is_live_is_no_sound() -> None:
    looks = [Look(0.0, 0.0, 0.0, 0), Look(0.1, 4000.0, 4004.0, 0), Look(0.2, 4000.0, 4004.0, 50)]
    assert first_sound(looks) is None
    assert first_sound([*looks, Look(0.3, 4000.1, 4004.0, 80)]) == 0.3


def test_a_picture_that_moves_without_sound_is_no_sound() -> None:
    assert first_sound([Look(look.at, look.time, look.buffered, 0) for look in played((3, 1))]) is None


def test_stalls_are_told_with_their_length_and_hitches_are_not() -> None:
    looks = played((2, 0), (3, 1), (1.5, 0), (2, 1), (0.3, 0), (2, 1), (4, 0))
    assert [(round(each.at), round(each.seconds, 1)) for each in stalls(looks)] == [(5, 1.5), (11, 3.9)]
    assert stalls(played((5, 0))) == []


def test_the_rate_is_what_was_carried_for_the_media_that_came() -> None:
    looks = [Look(n / 10, n / 10, (n // 100 + 2) * 10, n + 1) for n in range(600)]  # ten seconds come at a time
    readings = [Reading(n / 4, Passed(up=100 * (n // 40), down=20_000 * (n // 40))) for n in range(240)]
    found = steady(looks, readings)
    assert found is not None
    assert found.seconds == pytest.approx(40)
    assert found.media_seconds == 40
    assert found.bit_rate == pytest.approx(20_100 * 8 / 10)
    assert steady(looks[:150], readings) is None


def test_the_rendition_is_told_by_what_is_fetched() -> None:
    picture = ["https://x/live/v144/g1-1.m4s", "https://x/live/a32/g1-1.m4s"]
    assert nominal_bit_rate(["https://x/watch", *picture, "https://x/live/a32/index.m3u8"]) == ("a32+v144", 122_000)
    assert nominal_bit_rate([*picture * 2, *["https://x/live/opus16/g1-1.m4s"] * 4]) == ("opus16", 16_000)
    assert nominal_bit_rate([]) == ("", 0)
