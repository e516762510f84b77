"""The simulcast's process: the released program in, an ffmpeg child for each receiver out."""

from __future__ import annotations

import os
import select

from allpoints.app.plan import plan_of
from allpoints.app.signals import Signals
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import kept_log
from allpoints.kernel.settings import Settings
from allpoints.kernel.watchdog import Watchdog
from allpoints.publish.ladder import LADDERS
from allpoints.publish.simulcast import read_wishes
from allpoints.publish.simulcast.simulcast import BEAT_SECONDS, Simulcast

NICENESS = 5
"""It and its children yield to the stage: where a machine is too slow for both, receivers drop, not the program."""


def run_simulcast(settings: Settings, clock: Clock) -> None:
    """Send to the plan's receivers until SIGTERM or SIGINT. Raises NoGathering."""
    os.nice(NICENESS)
    folders = Folders.beneath(settings.data)
    with kept_log("simulcast", folders, clock) as log, Signals() as signals:
        gathering = plan_of(folders, log.trouble)
        watchdog = Watchdog.of(os.environ, clock)
        simulcast = Simulcast(
            folders, LADDERS[settings.ladder], gathering.receivers, clock, log, wishes=read_wishes(folders)
        )
        while not select.select([signals], [], [], BEAT_SECONDS)[0]:
            simulcast.beat()
            watchdog.alive()
        watchdog.stopping()
        simulcast.end()
