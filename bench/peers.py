"""The same faults, the same page: what viewers see of Allpoints and of an alternative assembled of Debian's parts.

Both run at once on one machine, with the same renditions of the same clip from the same kind of publisher. A fault
comes to one of them, then to the other.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allpoints.app.drill.gathering import SPEAKER_SOURCE, clip
from allpoints.app.drill.keeper import kept_gathering
from allpoints.app.faults import House, fault_of
from allpoints.app.faults.breaking import bring_on_air
from allpoints.app.small_disk import enter_own_mounts, mount_small_disk
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.errors import AllpointsError
from bench.assembled import Assembled, assembled, missing
from bench.hls_reader import HlsReader
from bench.hour_recordings import make_flashing_clips
from bench.peers_table import table
from bench.player_page import player_page
from bench.proofs import keep
from bench.viewer import Viewer

DISK_BYTES, MEMORY_BYTES = 2 << 30, 192 << 20
START_SECONDS = 90.0
RELOAD_SECONDS = 30.0
LOOK_EVERY = 0.25
TABLE = Path("docs/reference/peers.md")

FAULTS = {
    "kill-stage": "encoder killed", "hang-stage": "encoder hung for 10 s", "kill-web": "web server killed",
    "cut-speaker": "publisher killed", "fill-disk": "disk of the recordings full",
    "fill-memory": "memory of the segments full", "clock-forward": "clock an hour forward",
    "clock-back": "clock an hour back",
}


@dataclass
class Side:
    """One of those compared: its viewer, its reader, and what causes each fault in it."""

    name: str
    viewer: Viewer
    reader: HlsReader
    faults: Mapping[str, Callable[[], object]]
    before: Callable[[], None] = lambda: None
    on_slate: Callable[[], bool] = lambda: False

    def undergo(self, code: str, window: float) -> dict[str, Any]:
        """Cause a fault and watch for ``window`` seconds. Where the page does not go on by itself, load it anew."""
        self.before()
        self.reader.ask_again()
        began = time.monotonic()
        causing = threading.Thread(target=self.faults[code])
        causing.start()
        slate_looks = 0
        while time.monotonic() < began + window or causing.is_alive():
            time.sleep(LOOK_EVERY)
            slate_looks += self.on_slate()
        self.reader.ask_again()
        ended = time.monotonic()
        seen = self.viewer.seen(began, ended)
        row = {
            "still_s": seen.still, "longest_still_s": seen.longest_still, "jumped_s": seen.jumped,
            "slate_s": round(slate_looks * LOOK_EVERY, 1), "needs_reload": not seen.resumed,
            "missing_s": round(max(0.0, ended - began - self.reader.seconds_published(began, ended)), 1),
            "numbers_went_back": any(at >= began for at in self.reader.went_back),
            "changed_names": sorted({name for at, name in self.reader.changed if at >= began}),
        }
        if not seen.resumed:
            self.viewer.reload()
            row["reload_helped"] = self.viewer.until_playing(RELOAD_SECONDS)
        print(f"  {self.name:<10} {FAULTS[code]:<28} still {seen.still:6.2f} s, missing {row['missing_s']:5.1f} s, "
              f"slate {row['slate_s']:4.1f} s, "
              f"{'RELOAD' if row['needs_reload'] else 'by itself'}"
              f"{', bytes changed' if row['changed_names'] else ''}"
              f"{', numbers went back' if row['numbers_went_back'] else ''}", flush=True)
        return row


def of_ours(house: House) -> dict[str, Callable[[], object]]:
    """What causes each fault in a house."""

    def causing(code: str) -> Callable[[], object]:
        fault = fault_of(code)
        assert fault is not None

        def cause() -> None:
            with fault.how.caused(house):
                time.sleep(fault.lasts)

        return cause

    return {code: causing(code) for code in FAULTS}


def is_on_slate(house: House) -> bool:
    """Whether the stage says so; a stage that says nothing shows nothing."""
    try:
        return house.report().on_air.on_slate
    except AllpointsError:
        return False


def put_speaker_on_air(house: House) -> None:
    """Both have a publisher on air, so that there is something to cut."""
    fault = fault_of("cut-speaker")
    assert fault is not None
    try:
        bring_on_air(fault, house)
    except AllpointsError as trouble:
        print(f"  {trouble.sentence()}", flush=True)
    time.sleep(3.0)


def run(window: float, only: list[str]) -> bool:
    """Compare, print, keep; False when it could not be done."""
    if parts := missing():
        print(f"Nothing to compare with: {parts} missing. apt-get install libnginx-mod-rtmp ffmpeg faketime")
        return False
    if refused := enter_own_mounts():
        print(f"No disks of their own: {refused}.")
        return False
    with tempfile.TemporaryDirectory(prefix="allpoints-peers-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        held = kept_gathering(folder / "ours", SystemClock(), data_bytes=DISK_BYTES, make=make_flashing_clips)
        with held as (house, _), player_page(folder / "page") as page:
            other = folder / "assembled"
            mount_small_disk(other / "segments", MEMORY_BYTES)
            mount_small_disk(other / "recordings", DISK_BYTES)
            with assembled(other, clip(house.folders, SPEAKER_SOURCE)) as alternative:
                rows = compare(house, alternative, page, window, only)
    if not rows:
        return False
    print(f"kept in {keep('peers', {'window_s': window, 'faults': rows})}")
    TABLE.write_text(table(rows, FAULTS, window))
    return True


def compare(house: House, alternative: Assembled, page: str, window: float, only: list[str]) -> dict[str, Any]:
    """Each fault, first ours and then theirs; nothing where one of them does not play."""
    ours = "http://{}:{}/live".format(*house.web_address)
    sides = [
        Side("allpoints", Viewer(f"{page}{ours}/master.m3u8"), HlsReader(f"{ours}/v480/index.m3u8"), of_ours(house),
             before=lambda: put_speaker_on_air(house), on_slate=lambda: is_on_slate(house)),
        Side("assembled", Viewer(f"{page}{alternative.live}/show.m3u8"),
             HlsReader(f"{alternative.live}/show_480/index.m3u8"), alternative.faults()),
    ]
    time.sleep(15.0)  # a window worth joining
    try:
        for side in sides:
            side.viewer.start()
            side.reader.start()
        silent = [side.name for side in sides if not side.viewer.until_playing(START_SECONDS)]
        if silent:
            print(f"Chromium does not play: {silent}")
            return {}
        return {code: {side.name: side.undergo(code, window) for side in sides}
                for code in FAULTS if not only or code in only}
    finally:
        for side in sides:
            side.viewer.stop()
            side.reader.stop()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--window", type=float, default=60, help="seconds that each fault is watched")
    options.add_argument("--only", default="", help="these faults, separated by commas")
    given = options.parse_args()
    return not run(given.window, [code for code in given.only.split(",") if code])


if __name__ == "__main__":
    sys.exit(main())
