"""The comparison as a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HEAD = """# Beside an assembled alternative

What viewers see of the same faults, in one run on one machine, on the same page with plain hls.js in Chromium:
Allpoints, and nginx with its RTMP module and ffmpeg, both of Debian, each with shell loops that start it again. Both
take a publisher over RTMP and make 480p, 240p and 144p of it. Each fault was watched for {window:g} s.

*Still*: how long the picture stood. *Slate*: how long the holding picture was on air instead of the publisher.
*Missing*: program that was never published in that time. *Reload*: the picture did not come back by itself.
`make prove` writes this page; the figures are in [peers.json](../proof/peers.json).

| Fault | | Still | Slate | Missing | Reload | Numbers went back | Names with other bytes |
|---|---|---|---|---|---|---|---|
"""
TAIL = """
A difference of less than {noise:g} s is chance. {better}

The alternative is a well-worn pair of programs that takes less of the machine; it has no slate, no delay to dump in
and no control page. Its segments and its recordings were given disks of their own here, as a careful operator would.
"""
NAMES = {"allpoints": "Allpoints", "assembled": "assembled"}
NOISE = 1.0


def table(rows: Mapping[str, Mapping[str, Mapping[str, Any]]], titles: Mapping[str, str], window: float) -> str:
    """The whole page. It says by itself where the other is better."""
    lines = [HEAD.format(window=window)]
    better = []
    for code, sides in rows.items():
        for name, row in sides.items():
            missing = row["missing_s"] if row["missing_s"] > 2 * NOISE else 0  # a segment more or less is chance
            lines.append(
                f"| {titles[code] if name == 'allpoints' else ''} | {NAMES[name]} | {row['still_s']:.1f} s | "
                f"{row['slate_s']:.1f} s | {missing:.0f} s | {'needed' if row['needs_reload'] else 'no'} | "
                f"{'yes' if row['numbers_went_back'] else 'no'} | {len(row['changed_names'])} |\n"
            )
        lost = {name: max(row["still_s"] + row["slate_s"], row["missing_s"]) for name, row in sides.items()}
        if lost["allpoints"] > lost["assembled"] + NOISE:
            better.append(titles[code])
    said = f"The alternative does better with: {', '.join(better)}." if better else ""
    return "".join(lines) + TAIL.format(noise=NOISE, better=said)
