"""The holding picture."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from allpoints.schedule.model import Localized
from allpoints.stage.colours import planes_of
from allpoints.stage.slate import draw_slate

TITLE = Localized({
    "en": "World Assembly of Lighthouse Keepers", "fa": "همایش جهانی نگهبانان فانوس دریایی",
    "ar": "المؤتمر العالمي لحُرّاس المنارات", "hi": "प्रकाशस्तंभ रक्षकों की विश्व सभा", "zh": "世界灯塔守护者大会",
})
MESSAGE = Localized({"en": "We will be right back", "fa": "به‌زودی بازمی‌گردیم", "zh": "马上回来"})


def luma(languages: list[str], title: Localized = TITLE) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return planes_of(draw_slate(title, MESSAGE, languages))[0].copy()


def test_it_is_bt709_limited_and_within_range() -> None:
    slate = draw_slate(TITLE, MESSAGE, ["en"])
    assert (slate.width, slate.height, slate.format.name) == (1280, 720, "yuv420p")
    assert (slate.colorspace, slate.color_range) == (Colorspace.ITU709, ColorRange.MPEG)
    assert all(int(plane.min()) >= 16 and int(plane.max()) <= 240 for plane in planes_of(slate))


def test_the_same_words_give_the_same_pixels() -> None:
    assert np.array_equal(luma(["en", "fa"]), luma(["en", "fa"]))


@pytest.mark.parametrize("language", ["en", "fa", "ar", "hi", "zh"])
def test_each_language_is_written_large_when_it_is_the_first(language: str) -> None:
    without = luma([language], Localized({language: " "}))
    written = np.abs(luma([language]).astype(int) - without) > 60
    assert written.sum() > 6_000
    left_half = written[:, :640].sum() / written.sum()
    assert (left_half < 0.5) == (language in ("fa", "ar"))


def test_other_languages_stand_below() -> None:
    changed = luma(["en", "fa", "zh"]).astype(int) - luma(["en", "hi"], Localized({"en": TITLE.texts["en"]}))
    assert (np.abs(changed[560:680]) > 60).sum() > 1_500
    assert not (np.abs(changed[:540]) > 60).any()


@pytest.mark.parametrize("title", ["", "x" * 400, "word " * 80, "\n\n", "\N{TIBETAN LETTER KA}\x00\ufffd"])
def test_odd_titles_still_give_a_picture(title: str) -> None:
    assert draw_slate(Localized({"en": title}), Localized({"en": title}), ["en", "fa"]).width == 1280


def test_it_can_be_had_small() -> None:
    small = draw_slate(TITLE, MESSAGE, ["en"], (640, 360))
    assert (small.width, small.height) == (640, 360)
    assert abs(float(planes_of(small)[0].mean()) - luma(["en"]).mean()) < 1
