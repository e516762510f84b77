"""What each process of a gathering takes of the machine over an hour."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections import defaultdict
from typing import Any

from allpoints.app.faults import House
from bench.process_figures import Figures, figures_of

SAMPLE_EVERY = 5.0
YOUNG_SECONDS = 30.0
MOST_GROWTH_MB, MOST_THREADS, MOST_DESCRIPTORS = 50.0, 3, 8


class Sampler:
    """Looks at every process each few seconds on a thread of its own."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen: dict[str, list[tuple[float, int, Figures]]] = defaultdict(list)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(SAMPLE_EVERY):
            for name, note in self._house.running().items():
                with contextlib.suppress(OSError):
                    assert note.pid is not None
                    self._seen[name].append((time.monotonic(), note.pid, figures_of(note.pid)))

    def memory(self) -> dict[str, list[tuple[float, float]]]:
        """For each process its resident memory over time, twice a minute: (minutes, MB)."""
        began = min((seen[0][0] for seen in self._seen.values()), default=0.0)
        return {name: [(round((at - began) / 60, 2), figures.resident_mb) for at, _, figures in seen[::6]]
                for name, seen in self._seen.items()}

    def told(self) -> dict[str, dict[str, Any]]:
        """For each process, what it took when it was no longer young: the first minute beside the last, whichever
        lives these belong to, and the worst that grew within one life."""
        rows = {}
        for name, seen in self._seen.items():
            born: dict[int, float] = {}
            for at, pid, _ in seen:
                born.setdefault(pid, at)
            grown = [row for row in seen if row[0] - born[row[1]] >= YOUNG_SECONDS]
            if len(grown) < 4:
                continue
            first, last = _middle(grown[:12]), _middle(grown[-12:])
            worst = max(max(f.resident_mb for _, p, f in grown if p == pid)
                        - next(f.resident_mb for _, p, f in grown if p == pid) for pid in {p for _, p, _ in grown})
            rows[name] = {
                "lives": len(born), "first_mb": first[0], "last_mb": last[0],
                "worst_growth_in_a_life_mb": round(worst, 1), "most_mb": max(f.resident_mb for _, _, f in grown),
                "first_threads": first[1], "last_threads": last[1],
                "first_descriptors": first[2], "last_descriptors": last[2],
                "is_flat": last[0] - first[0] < MOST_GROWTH_MB and worst < MOST_GROWTH_MB
                and last[1] - first[1] <= MOST_THREADS and last[2] - first[2] <= MOST_DESCRIPTORS,
            }
        return rows


def _middle(rows: list[tuple[float, int, Figures]]) -> tuple[float, float, float]:
    """Medians of memory in MB, threads and descriptors."""
    figures = [row[2] for row in rows]
    return (statistics.median(f.resident_mb for f in figures), statistics.median(f.threads for f in figures),
            statistics.median(f.descriptors for f in figures))
