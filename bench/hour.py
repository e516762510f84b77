"""An hour of real time with a random fault every two minutes, and a real Chromium watching all the while.

The gathering is the drill's, its supervisor kept alive as systemd would; its faults are those of the Break-it panel.
The deck of faults is shuffled by a seed, dealt to its end and shuffled again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from allpoints.app.drill.drill import SOUND, Drill
from allpoints.app.drill.grading import Graded
from allpoints.app.drill.keeper import kept_gathering
from allpoints.app.drill.watching import Gotten, Watcher
from allpoints.app.faults import FAULTS, Fault, House
from allpoints.app.faults.breaking import bring_on_air
from allpoints.app.faults.garbage import Garbled
from allpoints.app.faults.looking import followed_name
from allpoints.app.faults.sight import Seen
from allpoints.app.small_disk import enter_own_mounts
from allpoints.kernel.clock import SystemClock
from bench.curves import Curve, bars, draw
from bench.hour_figures import Sampler
from bench.hour_recordings import make_flashing_clips, recordings_told
from bench.proofs import keep, keep_picture
from bench.viewer import Viewer

DISK_BYTES = 6 << 30
SETTLING_SECONDS = 40.0
LAST_SECONDS = 30.0
RELOAD_SECONDS = 30.0
MOST_SYNC_MS = 45.0


class Hour:
    """One run. ``rows`` are what followed each fault; ``garbled``: from when until when the speaker sent garbage."""

    def __init__(self, drill: Drill, viewer: Viewer) -> None:
        self.rows: list[dict[str, Any]] = []
        self._drill = drill
        self._viewer = viewer
        self._known = drill.watcher.known()
        self._began = time.monotonic()
        self.garbled: list[tuple[datetime, datetime]] = []

    def cause(self, fault: Fault, until: float) -> None:
        """Cause a fault and watch until the monotonic second ``until``."""
        watcher = self._drill.watcher
        before, newest, caused_at = watcher.known(), watcher.newest(), 0.0

        def hear(_: Seen) -> None:
            nonlocal newest, caused_at
            if not caused_at:
                newest, caused_at = watcher.newest(), time.monotonic()

        causes_at = datetime.now(UTC)
        graded = self._drill.cause(fault, hear)
        if isinstance(fault.how, Garbled):
            self.garbled.append((causes_at, datetime.now(UTC)))
        caused_at = caused_at or time.monotonic()
        time.sleep(max(0.0, until - time.monotonic()))
        # Also the names of the time before this fault, as far as they are still there.
        gotten = watcher.since(caused_at, newest, self._known)
        self._known = before
        self._note(graded, gotten, caused_at)

    def _note(self, graded: Graded, gotten: Gotten, caused_at: float) -> None:
        seen = self._viewer.seen(caused_at, time.monotonic())
        failed = list(graded.reasons)
        if gotten.hole > graded.hole:
            failed.append(f"a hole of {gotten.hole - graded.hole} segments after all was as before")
        if gotten.changed:
            failed.append(f"published bytes changed: {gotten.changed[:3]}")
        if not seen.resumed or seen.reloads:
            failed.append("Chromium did not go on by itself")
            self._viewer.reload()  # so that the next fault can be judged; this one counts as failed
            self._viewer.until_playing(RELOAD_SECONDS)
        self.rows.append({
            "minute": round((caused_at - self._began) / 60, 2), "code": graded.code,
            "grade": "FAIL" if failed else str(graded.grade), "failed": failed, "new_part_s": graded.new_part,
            "hole_segments": gotten.hole, "stall_fetching_s": graded.stall, "as_before_after_s": graded.back,
            "slate": graded.slate, "chromium": asdict(seen), "changed_names": gotten.changed, "story": graded.story,
        })
        row = self.rows[-1]
        print(f"{row['minute']:6.2f} min  {row['grade']:<9} {graded.code:<19} Chromium still {seen.still:5.2f} s, "
              f"hole {gotten.hole}, as before after {graded.back} s {'; '.join(failed)}", flush=True)


class Deck:
    """Deals faults: those named in turn, or all of them shuffled again and again."""

    def __init__(self, house: House, seed: int, only: list[str]) -> None:
        self._faults = [fault for fault in FAULTS if not only or fault.code in only]
        self._house = house
        self._chance = random.Random(seed)
        self._left: list[Fault] = []

    def deal(self) -> Fault:
        """The next fault that can be caused here."""
        while True:
            if not self._left:
                self._left = list(self._faults)
                self._chance.shuffle(self._left)
            fault = self._left.pop()
            if not fault.how.obstacle(self._house):
                return fault


def run(minutes: float, every: float, seed: int, ladder: str, only: list[str]) -> bool:
    """Hold it, print, keep; whether all held."""
    refused = enter_own_mounts()
    if refused:
        print(f"No mounts of its own ({refused}): disks are not filled.")
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="allpoints-hour-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        with kept_gathering(
            folder, clock, ladder=ladder, has_own_mounts=not refused, data_bytes=DISK_BYTES, make=make_flashing_clips,
        ) as (house, settings):
            viewer = Viewer("http://{}:{}/watch".format(*house.web_address))
            watcher = Watcher(house.web_address, [followed_name(house.folders), SOUND], clock)
            sampler = Sampler(house)
            began_at = datetime.now(UTC)
            viewer.start()
            watcher.start()
            sampler.start()
            try:
                if not viewer.until_playing(60):
                    print("Chromium does not play.")
                    return False
                time.sleep(SETTLING_SECONDS)
                hour, deck = Hour(Drill(house, settings, watcher), viewer), Deck(house, seed, only)
                began = time.monotonic()
                for number in range(int(minutes / every)):
                    hour.cause(deck.deal(), began + (number + 1) * every * 60)
                bring_on_air(next(fault for fault in FAULTS if fault.on_air == "file"), house)
                time.sleep(LAST_SECONDS)
                played = viewer.seen(began, time.monotonic())
                got = watcher.known()
            finally:
                sampler.stop()
                watcher.stop()
                viewer.stop()
        recorded = recordings_told(house.folders, house.gathering.epoch, got, hour.garbled, folder)
    figures = {
        "minutes": minutes, "every_minutes": every, "seed": seed, "ladder": ladder, "began_at": began_at.isoformat(),
        "chromium_in_all": asdict(played), "names_fetched": len(got), "processes": sampler.told(),
        "memory": sampler.memory(), "recordings": recorded, "faults": hour.rows,
    }
    holds = {
        "no_fault_failed": not any(row["failed"] for row in hour.rows),
        "no_reload": played.reloads == 0, "bytes_unchanged": not any(row["changed_names"] for row in hour.rows),
        "processes_flat": all(row["is_flat"] for row in sampler.told().values()),
        "recording_complete": not recorded["unrecorded"] and not recorded["unannounced"],
        "recording_playable": not recorded["unplayable"],
        "in_sync_at_the_end": bool(recorded["beep_after_flash_ms"])
        and max(map(abs, recorded["beep_after_flash_ms"])) <= MOST_SYNC_MS,
    }
    print(json.dumps(holds | {"recordings": recorded, "processes": sampler.told()}, indent=1), flush=True)
    print(f"kept in {keep('hour', {'holds': holds} | figures)}")
    keep_picture("hour-memory", draw("Resident memory of each process (MB)", "minutes", [
        Curve(name, points) for name, points in sampler.memory().items()]))
    keep_picture("hour", bars("What Chromium stood still after each fault", "s", [
        (f"{row['minute']:.0f} min {row['code']}", row["chromium"]["still"],
         f"– hole {row['hole_segments']}" if row["hole_segments"] else "") for row in hour.rows]))
    return all(holds.values())


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--every", type=float, default=2, help="minutes from one fault to the next")
    options.add_argument("--seed", type=int, default=2021)
    options.add_argument("--ladder", default="small", choices=("small", "large"))
    options.add_argument("--only", default="", help="these faults in turn, separated by commas")
    given = options.parse_args()
    return not run(given.minutes, given.every, given.seed, given.ladder, [c for c in given.only.split(",") if c])


if __name__ == "__main__":
    sys.exit(main())
