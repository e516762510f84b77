"""A process that opens a film, plays a little of it, opens the next, and closes the one before: as a stage does for
days. Prints its resident megabytes after each.

``python -m tests.stand_ins.film_after_film CLIP FOLDER FILMS TIMES [apart]``: so many films, opened so many times in
turn. ``apart``: each thread has a heap of its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.process_figures import figures_of

from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.source import Feed, SourceState
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.memory import share_arenas
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec
from tests.stand_ins.playing import play_for, wait_for


def run(clip: Path, folder: Path, films: int, times: int) -> None:
    """Play and print."""
    specs = [SourceSpec(SourceRef(f"film-{number}"), Localized({"en": "Film"}), SourceKind.FILE, clip)
             for number in range(films)]
    folders = Folders.beneath(folder)
    folders.make()
    desk = SourceDesk(specs, folders, SystemClock())
    desk.start()
    before: Feed | None = None
    for number in range(times):
        feed = desk.open(specs[number % films].ref)
        wait_for(feed, SourceState.READY)
        play_for(feed, 15)
        if before is not None:
            before.close()
        before = feed
        print(figures_of(os.getpid()).resident_mb, flush=True)
    desk.close()


if __name__ == "__main__":
    if "apart" not in sys.argv:
        share_arenas()
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
