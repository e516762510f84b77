"""Painted text, told by its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from allpoints.kernel.text.fonts import Style
from allpoints.kernel.text.painting import Setting, cover, paint_text, set_text, set_to_fit


def ink(text: str, size: float = 60, shape: tuple[int, int] = (120, 900)) -> NDArray[np.bool_]:
    """Which pixels of a picture are at least a fifth covered by ``text``."""
    return np.asarray(cover(set_text(text, Setting(size, Style.TEXT)), shape, 10, 10) > 0.2)


def bodies(covered: NDArray[np.bool_]) -> int:
    """How many pieces of ink there are side by side: columns without ink part them."""
    columns: NDArray[np.bool_] = np.asarray(covered.any(axis=0))
    return int(columns[0]) + int(np.count_nonzero(columns[1:] & ~columns[:-1]))


def test_arabic_letters_hang_together_and_a_non_joiner_parts_them() -> None:
    assert bodies(ink("ببب")) == 1
    assert bodies(ink("ب\N{ZERO WIDTH NON-JOINER}ب\N{ZERO WIDTH NON-JOINER}ب")) == 3


def test_the_first_persian_letter_stands_rightmost() -> None:
    columns = ink("ابب").sum(axis=0)
    inked = np.flatnonzero(columns)
    tall = np.flatnonzero(columns > 25)  # only the alef is a tall stroke
    assert tall.size
    assert inked[-1] - tall[-1] < 5


def test_a_devanagari_word_hangs_from_one_line() -> None:
    assert bodies(ink("नमन")) == 1


def test_an_ideograph_is_no_empty_box() -> None:
    assert not np.array_equal(ink("灯"), ink("塔"))
    assert 0.15 < ink("灯").sum() / 60**2 < 0.6


@pytest.mark.parametrize(("text", "align", "left"), [
    ("abc", "start", True), ("abc", "end", False), ("ابج", "start", False), ("ابج", "end", True),
])
def test_start_is_the_side_where_the_script_begins(text: str, align: str, left: bool) -> None:
    setting = Setting(40, align="end" if align == "end" else "start")
    columns = np.flatnonzero(cover(set_text(text, setting, 400), (60, 400), 0, 0, 400).any(axis=0))
    assert (columns[0] < 8) == left
    assert (columns[-1] > 392) == (not left)


def test_text_beyond_the_picture_is_cut_off() -> None:
    assert cover(set_text("lighthouse", Setting(80)), (50, 60), 20, -10).shape == (50, 60)
    assert not cover(set_text("lighthouse", Setting(80)), (50, 60), 500, 500).any()
    assert not cover(set_text("   ", Setting(80)), (50, 60), 0, 0).any()


def test_a_long_title_is_set_smaller_until_it_fits() -> None:
    block = set_to_fit("World Assembly of Lighthouse Keepers", Setting(90, Style.TITLE), 600, 2, 12)
    assert len(block.lines) <= 2
    assert block.width <= 600
    assert block.setting.size < 90


def test_paint_lays_the_colour_where_the_text_is_and_nothing_elsewhere() -> None:
    canvas = np.zeros((100, 300, 3), np.float32)
    height = paint_text(canvas, (10, 10, 280), "Keeper", Setting(40), (1.0, 0.5, 0.25))
    assert 40 < height < 60
    assert np.allclose(canvas.max(axis=(0, 1)), (1.0, 0.5, 0.25), atol=0.01)
    assert not canvas[:, 200:].any()
