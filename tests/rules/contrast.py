"""The colours of the pages, read from their sheets, and how well each ink stands out from the grounds it is used on.

``python -m tests.rules.contrast`` prints the tables of ``docs/reference/design.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

STYLES = Path(__file__).parents[2] / "frontend" / "styles"
SHEETS = ("tokens.css", "surroundings.css", "signals.css")
SCHEMES = ("light", "dark", "control room")
TEXT = 4.5
"""What text needs (WCAG 2.2, 1.4.3)."""
SHAPE = 3.0
"""What large text and shapes need (1.4.3, 1.4.11)."""


@dataclass(frozen=True)
class Use:
    """One ink on the grounds that it is used on, by the names of their tokens; ``schemes``: where it is used."""

    ink: str
    grounds: tuple[str, ...]
    needs: float
    where: str
    schemes: tuple[str, ...] = SCHEMES


PAGES, ROOM = SCHEMES[:2], SCHEMES[2:]
USES = (
    Use("ink", ("ground", "surface", "raised"), TEXT, "text"),
    Use("faint", ("ground", "surface", "raised"), TEXT, "what is second to the text; borders of fields"),
    Use("accent", ("ground", "surface", "raised"), TEXT, "labels"),
    Use("ink-on-navy", ("navy-950", "navy-900", "navy-800", "navy-700"), TEXT, "header, home page's title, player"),
    Use("faint-on-navy", ("navy-950", "navy-900", "navy-700"), TEXT, "what is second there"),
    Use("beam", ("navy-950", "navy-900"), TEXT, "labels there, the lamp"),
    Use("beam-soft", ("navy-900",), TEXT, "how old the picture is"),
    Use("on-beam", ("beam", "beam-soft"), TEXT, "the button that matters most"),
    Use("on-air-ink", ("air",), TEXT, "on air"),
    Use("beam-soft", ("surface",), TEXT, "why a source is refused", ROOM),
    Use("air-soft", ("surface", "air-deep"), TEXT, "lost; the row that is on air", ROOM),
    Use("ready", ("surface",), TEXT, "ready, next", ROOM),
    Use("warn", ("surface",), TEXT, "soon over", ROOM),
    Use("focus", ("ground", "surface", "raised"), SHAPE, "ring around what the keyboard is at"),
    Use("focus-on-navy", ("navy-950", "navy-900", "navy-700"), SHAPE, "the same in header and player"),
    Use("line-on-navy", ("navy-900",), SHAPE, "borders of buttons there"),
    Use("air-soft", ("navy-900",), SHAPE, "the dot of LIVE"),
    Use("air", ("ground", "surface"), SHAPE, "border of what is on air"),
    Use("ready", ("ground", "surface"), SHAPE, "border of what is next"),
    Use("warn", ("surface", "raised"), SHAPE, "border of a warning"),
    Use("low", ("screen",), SHAPE, "meters", ROOM),
)


def literals(sheet: str, text: str) -> list[str]:
    """Colours that a sheet writes out where it does not define a token; black that only shades is none."""
    rest = re.sub(r"--[\w-]+:[^;]*;", "", without_comments(text))
    return [f"{sheet}: {colour}" for colour in re.findall(r"#[0-9a-f]{3,8}\b|\brgb\((?!0 0 0 )[^)]*\)", rest)]


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def tokens() -> dict[str, dict[str, str]]:
    """Scheme → token → its value as written."""
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for name in SHEETS:
        text = without_comments((STYLES / name).read_text())
        always, _, at_night = text.partition("@media (prefers-color-scheme: dark)")
        light |= defined(always)
        dark |= defined(at_night)
    room = defined(without_comments((STYLES / "control.css").read_text()).partition("}")[0])
    return dict(zip(SCHEMES, (light, light | dark, light | dark | room), strict=True))


def defined(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+):([^;]*);", text)}


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ratios(use: Use, colours: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, float]]:
    """Ground, scheme and ratio."""
    for ground in use.grounds:
        for scheme in use.schemes:
            yield ground, scheme, contrast(colours[scheme][use.ink], colours[scheme][ground])


def tables() -> Iterator[str]:
    """The lines of the tables: sizes and such, colours, contrasts."""
    colours = tokens()
    yield "| Token | Value |"
    yield "|---|---|"
    for name, value in colours["light"].items():
        if not value.startswith("#") and name != "shadow":
            yield f"| `{name}` | `{value}` |"
    yield ""
    yield "| Token | Light | Dark | Control room |"
    yield "|---|---|---|---|"
    for name in colours["control room"]:
        written = [colours[scheme].get(name, "") for scheme in SCHEMES]
        if written[-1].startswith("#"):
            yield f"| `{name}` | {' | '.join(f'`{value}`' if value else '' for value in written)} |"
    yield ""
    yield "| Ink | on | for | at least | Light | Dark | Control room |"
    yield "|---|---|---|---|---|---|---|"
    for use in USES:
        for ground in use.grounds:
            told = {scheme: f"{ratio:.1f}" for on, scheme, ratio in ratios(use, colours) if on == ground}
            cells = " | ".join(told.get(scheme, "") for scheme in SCHEMES)
            yield f"| `{use.ink}` | `{ground}` | {use.where} | {use.needs:g} | {cells} |"


if __name__ == "__main__":
    print("\n".join(tables()))
