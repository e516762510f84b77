"""Rules that the colours keep: every ink stands out from every ground that it is used on, in both schemes."""

from __future__ import annotations

import re

import pytest
from tests.rules.contrast import PAGES, STYLES, USES, Use, contrast, literals, ratios, tables, tokens
from tests.rules.project import Project

SHEETS = {path.name: path.read_text() for path in sorted(STYLES.glob("*.css"))}
DECORATIVE = {"line"}
"""Grounds that nothing stands on: the dots of slides that are not shown."""
LIGHT_ITSELF = {"beam.css", "player.css", "control.css", "hall.css"}
"""Sheets that draw light and shade, which nobody reads from."""


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.ink} on {', '.join(use.grounds)}")
def test_what_is_read_stands_out(use: Use) -> None:
    weak = [f"on {ground}, {scheme}: {ratio:.2f}" for ground, scheme, ratio in ratios(use, tokens())
            if ratio < use.needs]
    assert not weak


def test_every_ink_and_ground_of_the_sheets_is_looked_at() -> None:
    text = "".join(SHEETS.values())
    inks = set(re.findall(r"(?<![\w-])color: var\(--([\w-]+)\)", text))
    grounds = set(re.findall(r"background: var\(--([\w-]+)\)", text))
    assert not inks - {use.ink for use in USES}
    looked_at = {name for use in USES for name in (use.ink, *use.grounds)}
    assert not grounds - looked_at - DECORATIVE


def test_colours_are_tokens() -> None:
    found = {colour for name, text in SHEETS.items() for colour in literals(name, text)}
    assert not {colour for colour in found if colour.partition(":")[0] not in LIGHT_ITSELF}
    shades = {colour for colour in found if "#" in colour}
    assert not shades - {f"beam.css: {shade}" for shade in ("#000", "#14294a", "#fff3d6")}


def test_the_page_of_the_design_tells_the_contrasts(project: Project) -> None:
    page = (project.root / "docs/reference/design.md").read_text()
    assert "\n".join(tables()) in page, "run “python -m tests.rules.contrast” and put its tables there"


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)
    faint = Use("line", ("ground",), 4.5, "a colour too weak for text", PAGES)
    assert all(ratio < 3 for _, _, ratio in ratios(faint, tokens()))
