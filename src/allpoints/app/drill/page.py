"""The report as one web page that needs nothing else: a bar for each fault, and what happened, in words."""

from __future__ import annotations

from html import escape

from allpoints.app.drill.drill import Report
from allpoints.app.drill.grading import Grade, Graded

WIDTH, NAMES, ROW, HEAD = 960, 330, 26, 34
ROOM = WIDTH - NAMES - 250
COLOURS = {Grade.OK: "#0c7043", Grade.DEGRADED: "#b06a00", Grade.FAIL: "#c81e2c", Grade.SKIPPED: "#8a93a3"}

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Drill</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-inline-size: 60rem; margin: 2rem auto; padding-inline: 1rem;
  color: #10203a; background: #fff }}
li {{ margin-block: .4rem }} pre {{ white-space: pre-wrap }}
</style>
<h1>{sum}</h1>
<p>{at}, Allpoints {version}, ladder “{ladder}”, {seconds:.0f} s. Watched by {watcher}.</p>
{bars}
<p>A pale bar is the time until all was as before, counted from when the fault was undone; a dark one, how long
viewers saw the picture stand; a hole, the segments of two seconds that were never made.</p>
<ol>{rows}</ol>
</html>
"""


def page_of(report: Report) -> str:
    """The whole page."""
    failed = sum(row.grade is Grade.FAIL for row in report.faults)
    told = f"{failed} of {len(report.faults)} faults failed the audience" if failed else \
        f"Passed: {len(report.faults)} faults, and people kept watching"
    return _PAGE.format(
        sum=escape(told), at=f"{report.at:%Y-%m-%d %H:%M} UTC", version=escape(report.version),
        ladder=escape(report.ladder), seconds=report.seconds, watcher=escape(report.watcher),
        bars=bars(report.faults), rows="".join(map(_row, report.faults)),
    )


def bars(rows: list[Graded]) -> str:
    """An SVG with a bar for each fault."""
    longest = max([1.0, *(max(row.back or 0.0, row.still) for row in rows)])
    drawn = []
    for number, row in enumerate(rows):
        at, colour = HEAD + number * ROW, COLOURS[row.grade]
        told = "not tried" if row.grade is Grade.SKIPPED else (
            f"{'never' if row.back is None else f'{row.back:.1f} s'}, still {row.still:.1f} s, hole {row.hole}"
        )
        back = longest if row.back is None and row.grade is not Grade.SKIPPED else row.back or 0.0
        length, still = back / longest * ROOM, row.still / longest * ROOM
        drawn.append(
            f'<text x="{NAMES - 10}" y="{at + 14}" text-anchor="end">{escape(row.title)}</text>'
            f'<rect x="{NAMES}" y="{at}" width="{length:.1f}" height="18" fill="{colour}" opacity=".35"/>'
            f'<rect x="{NAMES}" y="{at + 5}" width="{still:.1f}" height="8" fill="{colour}"/>'
            f'<text x="{NAMES + max(length, still) + 8:.1f}" y="{at + 14}" fill="{colour}">{told}</text>'
        )
    height = HEAD + len(rows) * ROW + 6
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" font-size="14"'
        f' font-family="system-ui, sans-serif"><title>Seconds until all was as before</title>'
        f'<text x="{NAMES}" y="18" font-weight="600">Seconds until all was as before</text>{"".join(drawn)}</svg>'
    )


def _row(row: Graded) -> str:
    story = f"<details><summary>What happened</summary><pre>{escape(chr(10).join(row.story))}</pre></details>"
    colour = COLOURS[row.grade]
    return (f'<li><strong>{escape(row.title)}.</strong> <span style="color: {colour}">{escape(row.verdict())}</span>'
            f"{story if row.story else ''}</li>")
