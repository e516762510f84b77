"""The demo's data folder: an invented gathering, planned around the moment it is started."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from allpoints.app.demo.gathering import demo_gathering_toml
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.schedule.gathering_file import load_gathering_file
from allpoints.schedule.store import seed_once

STALE_AFTER = timedelta(hours=6)
"""A demo that was planned so long ago is planned anew, so that its schedule is about today."""


class NotADemo(AllpointsError):
    """The data folder holds a gathering that the demo did not plan."""

    code = "not_a_demo"
    for_people = "The folder {folder} holds a gathering that is not the demo's. Choose another with --data."


def clips_folder(folders: Folders) -> Path:
    """Where the demo's clips lie."""
    return folders.media / "demo"


def plan_demo(folders: Folders, clock: Clock) -> None:
    """Plan the demo, unless it was planned a short while ago. Clips and the secret stay. Raises NotADemo."""
    plan = folders.data / "demo-gathering.toml"
    if folders.database.exists() and not plan.exists():
        raise NotADemo(folder=str(folders.data))
    if plan.exists() and folders.database.exists():
        if clock.now() - _planned_for(plan) < STALE_AFTER:
            return
        _forget(folders)
    plan.write_text(demo_gathering_toml(clock.now(), clips_folder(folders)))
    with closing(open_storage(folders)) as storage:
        seed_once(storage, load_gathering_file(plan), clock.now())


def _planned_for(plan: Path) -> datetime:
    return load_gathering_file(plan).days[0].starts_at


def _forget(folders: Folders) -> None:
    """Take away what belongs to the former plan: its epoch, what aired, what was published."""
    shutil.rmtree(folders.journal.parent)
    shutil.rmtree(folders.memory)
    for path in folders.data.glob(f"{folders.database.name}*"):
        path.unlink()
    folders.make()
