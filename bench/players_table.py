"""The comparison of players as a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEAD = """# Beside pages of video.js and hls.js

The watch page, and the smallest page that can be built of npm's video.js and of full hls.js, in one run on one
machine: the same stream, through nginx with gzip, HTTP/2 and TLS, to a Chromium that knows nothing yet. *Bytes* are
all inside TCP, both ways. The weak line has 64 kb/s and 400 ms and loses 3 % of packets; the good one has 5 Mb/s and
40 ms. Medians of {rounds}. The pages of others hold a player and nothing else; ours also says what is on.

`make prove` writes this page; the figures are in [players.json](../proof/players.json).

| Line | | Page | First sound | Bytes until then | Bytes in the {seconds:g} s after | Stalls in them | Rendition |
|---|---|---|---|---|---|---|---|
"""
TAIL = """
Sound alone is a choice of the watch page. The others were given a master playlist with the smallest sound alone, for
they have no such choice.{better}
"""
NAMES = {"allpoints": "Allpoints", "audio": "sound alone", "picture": "picture"}


def table(rows: Sequence[dict[str, Any]], rounds: int, seconds: float) -> str:
    """The whole page. It says by itself where another is better."""
    lines = [HEAD.format(rounds=rounds, seconds=seconds)]
    better = []
    for row in rows:
        if row["page"] == "allpoints":
            ours = row
        elif where := [word for word, name in (("sooner", "sound_s"), ("lighter", "bytes_until_sound"))
                       if row[name] is not None and (ours[name] is None or row[name] < ours[name])]:
            better.append(f"{row['page']} is {' and '.join(where)} on the {row['line']} line ({NAMES[row['what']]})")
        plays = row["sound_s"] is not None
        cells = [
            row["line"], NAMES[row["what"]], NAMES.get(row["page"], row["page"]),
            f"{row['sound_s']:.1f} s" if plays else "none", kilobytes(row["bytes_until_sound"]),
            kilobytes(row["bytes_after"]), str(row["stalls"]) if plays else "–", row["rung"] or "–",
        ]
        lines.append(f"| {' | '.join(cells)} |\n")
    return "".join(lines) + TAIL.format(better=f"\n\nWhere another is better: {'; '.join(better)}." if better else "")


def kilobytes(size: float | None) -> str:
    """Bytes as people read them."""
    return "–" if size is None else f"{size / 1000:.0f} kB"
