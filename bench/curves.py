"""Small SVG plots of what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

COLOURS = ("#0b5fa5", "#b3541e", "#3b7d23", "#7a3b8f", "#555555", "#a08000")
WIDTH, HEIGHT = 760, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 40, 50


@dataclass(frozen=True)
class Curve:
    """Points (x, y) in the order of x, and what they are called."""

    name: str
    points: Sequence[tuple[float, float]]


def draw(title: str, below: str, curves: Sequence[Curve], marks: Sequence[float] = ()) -> str:
    """The curves over one another; the vertical scale begins at 0. ``marks``: places that an upright line shows."""
    points = [point for curve in curves for point in curve.points]
    least, most = min(x for x, _ in points), max(x for x, _ in points)
    top = max(y for _, y in points) * 1.1 or 1.0

    def place(x: float, y: float) -> str:
        across = LEFT + (x - least) / ((most - least) or 1.0) * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f},{HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM):.1f}"

    body = [_text(LEFT, 22, title, size=15)]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        at = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
        body.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        body.append(_text(LEFT - 6, at + 4, f"{share * top:.0f}", anchor="end"))
        across = LEFT + share * (WIDTH - LEFT - RIGHT)
        body.append(_text(across, HEIGHT - BOTTOM + 18, f"{least + share * (most - least):.2f}", anchor="middle"))
    body.append(_text(WIDTH / 2, HEIGHT - 10, below, anchor="middle"))
    for mark in marks:
        x, _, foot = place(mark, 0).partition(",")
        body.append(f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{foot}" stroke="#c00" stroke-dasharray="3"/>')
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(place(x, y) for x, y in curve.points)
        body.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        body.append(_text(WIDTH - RIGHT, TOP + 16 * number, curve.name, anchor="end", colour=colour))
    return svg(body, HEIGHT)


def bars(title: str, unit: str, rows: Sequence[tuple[str, float, str]]) -> str:
    """One bar a row: its name, its value, and a note behind it."""
    most = max((value for _, value, _ in rows), default=0.0) or 1.0
    height = TOP + 18 * len(rows) + 20
    body = [_text(10, 22, f"{title} ({unit})", size=15)]
    for number, (name, value, note) in enumerate(rows):
        at = TOP + 18 * number
        length = max(1.0, value / most * 330)
        body.append(_text(210, at + 11, name, anchor="end"))
        body.append(f'<rect x="216" y="{at}" width="{length:.1f}" height="13" fill="{COLOURS[0]}"/>')
        body.append(_text(222 + length, at + 11, f"{value:g} {note}"))
    return svg(body, height)


def svg(body: Sequence[str], height: int) -> str:
    """A whole drawing of these elements."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *body, "</svg>\n",
    ])


def _text(x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", colour: str = "#222") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">'
            f"{escape(words)}</text>")
