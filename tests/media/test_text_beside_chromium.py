"""Our drawn text beside Chromium's, which finds directions, scripts and line ends with code of its own."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from playwright.async_api import async_playwright

import allpoints.kernel.text
from allpoints.kernel.text.fonts import Style, fonts_of
from allpoints.kernel.text.painting import Setting, cover, set_text

CHROMIUM = Path("/usr/bin/chromium")
SIZE, HEIGHT, WIDTH = 48, 90, 1200
# Words are parted by middle dots, which one font has: which font gives a space its width is a matter of taste.
TEXTS = [(language, text.replace(" ", "·")) for language, text in (
    ("en", "World Assembly of Lighthouse Keepers, Ærø"),
    ("fa", "همایش جهانی نگهبانان فانوس دریایی ۱۴۰۰"),
    ("fa", "انجمن ALA (Norway) و «کتاب» می\N{ZERO WIDTH NON-JOINER}شود"),
    ("ar", "المؤتمر العالمي لحُرّاس المنارات 2025"),
    ("hi", "प्रकाशस्तंभ रक्षकों की विश्व सभा क्षत्रिय हिन्दी"),
    ("zh", "世界灯塔守护者大会，第一天（直播）。"),
    ("ru", "Всемирная ассамблея"),
)]


async def chromium_ink(texts: Sequence[tuple[str, str]]) -> list[NDArray[np.bool_]]:
    folder = Path(allpoints.kernel.text.__file__).parent / "fonts"
    faces = "".join(
        f"@font-face {{ font-family: f{i}; src: url(data:font/ttf;base64,"
        f"{base64.b64encode((folder / font.name).read_bytes()).decode()}) }}"
        for i, font in enumerate(fonts_of(Style.TEXT))
    )
    lines = "".join(f'<div lang="{language}" dir="auto">{text}</div>' for language, text in texts)
    page_text = (
        f"<meta charset=utf-8><style>{faces} body {{ margin: 0; font: {SIZE}px/{HEIGHT}px f0, f1, f2, f3 }}"
        f" div {{ height: {HEIGHT}px; width: {WIDTH}px; white-space: nowrap }}</style>{lines}"
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[
            "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-lcd-text", "--font-render-hinting=none",
        ])
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT * len(texts)})
        await page.set_content(page_text)
        await page.evaluate("document.fonts.ready")
        shot = np.asarray(Image.open(io.BytesIO(await page.screenshot())).convert("L"))
        await browser.close()
    return [shot[i * HEIGHT:(i + 1) * HEIGHT] < 128 for i in range(len(texts))]


def trimmed(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


def thickened(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(Image.fromarray(ink).convert("L").filter(ImageFilter.MaxFilter(5))) > 0


def unlike(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> float:
    """The share of each one's ink that lies more than two pixels from the other's."""
    height, width = (min(a, b) for a, b in zip(ours.shape, theirs.shape, strict=True))
    ours, theirs = ours[:height, :width], theirs[:height, :width]
    stray = (ours & ~thickened(theirs)).sum() + (theirs & ~thickened(ours)).sum()
    return float(stray / (ours.sum() + theirs.sum()))


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's Chromium")
async def test_every_script_is_drawn_as_chromium_draws_it() -> None:
    theirs = [trimmed(ink) for ink in await chromium_ink(TEXTS)]
    for (language, text), their in zip(TEXTS, theirs, strict=True):
        our = trimmed(cover(set_text(text, Setting(SIZE, language=language)), (HEIGHT, WIDTH), 10, 10) > 0.5)
        assert abs(our.shape[1] - their.shape[1]) <= 2, text
        assert abs(our.shape[0] - their.shape[0]) <= 2, text
        assert unlike(our, their) < 0.005, text
    backwards = cover(set_text(TEXTS[1][1][::-1], Setting(SIZE, language="fa")), (HEIGHT, WIDTH), 10, 10) > 0.5
    assert unlike(trimmed(backwards), theirs[1]) > 0.05
