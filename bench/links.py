"""Weak lines: when a Chromium that knows nothing yet shows text, is done with the page and plays sound; and what
minutes of sound then cost.

Through a line of our own making (``tests/stand_ins/line.py``), nginx with TLS and HTTP/2 as the docs recommend it,
and the real pages with a real stream. Beside it the same lines as Chromium's developer tools emulate them.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.stand_ins.front import tls_front
from tests.stand_ins.line import WEAK, WEAKEST, Line
from tests.stand_ins.link_visit import Visit, visit
from tests.stand_ins.live_site import live_site, wait_for
from tests.stand_ins.shaped_line import shaped_line

from bench.curves import Curve, draw
from bench.proofs import keep, keep_picture

ROUND_PLAYS = 10.0
MOST_STALLS = 1
MOST_OVERHEAD = 1.15
LEAST_RUNG = range(12_000, 16_001)
NO_LINE = Line(math.inf, 0.0)


@dataclass(frozen=True)
class Case:
    """A line, what to open on it, and in how many seconds text, page and sound should be there. ``share`` is that of
    the long visit's minutes. ``is_least``: on the lowest rung, and for little more than its rate."""

    name: str
    line: Line
    path: str
    limits: Mapping[str, float]
    share: float = 1.0
    is_least: bool = False

    @property
    def patience(self) -> float:
        """Seconds until nobody expects a sound any more."""
        return 60 + 4 * self.limits["sound"]


CASES = {
    "a": Case("64 kb/s, 400 ms, 3 % lost", WEAK, "/watch?view=audio", {"text": 3.0, "page": 4.5, "sound": 8.0}),
    "b": Case("24 kb/s, 800 ms", WEAKEST, "/watch?view=audio&link=low", {"text": 6.0, "sound": 15.0}, 0.5, True),
}


@dataclass(frozen=True)
class Visited:
    """The cold visits to ``path``, the long one, and one by Chromium's own emulation."""

    path: str
    rounds: list[Visit]
    emulated: Visit
    long: Visit


def visit_all(front: int, paths: Mapping[str, str], rounds: int, minutes: float) -> dict[str, Visited]:
    """One visit after the other, but the long ones all at once: they hardly do anything but wait."""
    short, emulated = {}, {}
    for code, path in paths.items():
        case = CASES[code]
        print(f"{case.name}, {path}:", flush=True)
        short[code] = [_visit(front, case, path, seed, ROUND_PLAYS) for seed in range(rounds)]
        with shaped_line(NO_LINE, front) as line:
            emulated[code] = visit(path, line, plays=ROUND_PLAYS, patience=case.patience, emulated=case.line)
        print(f"  emulated by Chromium: {said(emulated[code])}", flush=True)
    with ThreadPoolExecutor() as pool:
        long = {code: pool.submit(_visit, front, CASES[code], path, rounds, 60 * minutes * CASES[code].share)
                for code, path in paths.items()}
    return {code: Visited(path, short[code], emulated[code], long[code].result()) for code, path in paths.items()}


def _visit(front: int, case: Case, path: str, seed: int, plays: float) -> Visit:
    with shaped_line(case.line, front, seed=seed) as line:
        seen = visit(path, line, plays=plays, patience=case.patience)
    print(f"  {case.name}, {plays:g} s: {said(seen)}, {len(seen.stalls)} stalls, {cost(seen)}", flush=True)
    return seen


def judged(case: Case, visited: Visited, minutes: float) -> dict[str, Any]:
    """The figures of a line, and whether they hold."""
    short, long = visited.rounds, visited.long
    times = {name: median([getattr(seen, name) for seen in short]) for name in ("text", "page", "sound")}
    holds = {name: is_within(times[name], limit) for name, limit in case.limits.items()}
    holds["stalls"] = long.sound is not None and len(long.stalls) <= MOST_STALLS
    if case.is_least:
        holds["least_rung"] = long.rung[1] in LEAST_RUNG
        holds["overhead"] = is_within(cost(long).get("of_nominal"), MOST_OVERHEAD)
    return {
        "line": asdict(case.line), "path": visited.path, "limits_s": case.limits, "holds": holds, "medians_s": times,
        "rounds": [told(seen) for seen in short], "emulated_by_chromium": told(visited.emulated),
        "long": {"minutes": minutes * case.share, **told(long), **cost(long)},
    }


def median(values: Sequence[float | None]) -> float | None:
    """The middle one; who never got there was slower than all others."""
    middle = statistics.median(math.inf if value is None else value for value in values) if values else math.inf
    return None if math.isinf(middle) else round(middle, 2)


def is_within(value: float | None, limit: float) -> bool:
    """Whether it was reached at all, and in time."""
    return value is not None and value <= limit


def told(seen: Visit) -> dict[str, Any]:
    """One visit as figures."""
    return {
        "text_s": rounded(seen.text), "page_s": rounded(seen.page), "sound_s": rounded(seen.sound),
        "rung": seen.rung[0], "connections": seen.readings[-1].passed.connections,
        "bytes_until_page": seen.bytes_until(seen.page), "bytes_until_sound": seen.bytes_until(seen.sound),
        "stalls": [{"at_s": rounded(each.at), "seconds": rounded(each.seconds)} for each in seen.stalls],
        "until_sound": [{**each, "until_s": rounded(each["until_s"])} for each in seen.fetched],
    }


def cost(seen: Visit) -> dict[str, Any]:
    """What a second of media took of the line once it played, all inside TCP; empty where it did not play."""
    steady, (_, nominal) = seen.steady, seen.rung
    if steady is None or not nominal:
        return {}
    return {
        "steady_s": rounded(steady.seconds), "media_s": rounded(steady.media_seconds),
        "bytes_down": steady.passed.down, "bytes_up": steady.passed.up, "bit_rate": round(steady.bit_rate),
        "nominal": nominal, "of_nominal": round(steady.bit_rate / nominal, 3),
    }


def rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def said(seen: Visit) -> str:
    """One visit as a line at the terminal."""
    times = {"text": seen.text, "page": seen.page, "sound": seen.sound}
    return ", ".join(f"{name} {'never' if at is None else f'{at:.2f} s'}" for name, at in times.items())


def plot(visits: dict[str, Visit]) -> str:
    """How much was buffered ahead, and where sound stopped."""
    curves = [Curve(CASES[code].name, [(look.at / 60, look.ahead) for look in seen.looks[::10]] or [(0.0, 0.0)])
              for code, seen in visits.items()]
    marks = [stall.at / 60 for seen in visits.values() for stall in seen.stalls]
    return draw("Seconds of sound buffered ahead; stalls are dashed", "minutes", curves, marks)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=10, help="of the long visit on line a; half as long on b")
    options.add_argument("--rounds", type=int, default=5, help="cold visits of which the median counts")
    options.add_argument("--ladder", default="small", choices=("small", "large", "audio"))
    options.add_argument("--only", default="a,b", help="these lines, separated by commas")
    for code, case in CASES.items():
        options.add_argument(f"--path-{code}", default=case.path, help=f"what is opened on line {code}")
    given = options.parse_args()
    paths = {code: getattr(given, f"path_{code}") for code in given.only.split(",")}
    with tempfile.TemporaryDirectory(prefix="allpoints-links-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        with (
            live_site(folder / "live", ALLPOINTS_LADDER=given.ladder) as live,
            tls_front(folder / "front", f"127.0.0.1:{live.port}") as front,
        ):
            wait_for(live.is_lasting, 90)
            visited = visit_all(front, paths, given.rounds, given.minutes)
            holes = live.holes()
    figures = {code: judged(CASES[code], each, given.minutes) for code, each in visited.items()}
    print({code: row["holds"] | row["medians_s"] for code, row in figures.items()}, f"{holes} holes in the stream")
    print(f"kept in {keep('links', {'ladder': given.ladder, 'holes_in_stream': holes, 'lines': figures})}")
    keep_picture("links", plot({code: each.long for code, each in visited.items()}))
    return 0 if all(all(row["holds"].values()) for row in figures.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
