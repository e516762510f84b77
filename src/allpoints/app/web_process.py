"""The web's process: the plan, the pages and the origin."""

from __future__ import annotations

from allpoints.app.plan import plan_of
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.web import serve_web


def run_web(settings: Settings, clock: Clock) -> None:
    """Be the web until SIGTERM or SIGINT. Raises PortTaken, AddressUnusable, NoGathering and StorageDamaged."""
    folders = Folders.beneath(settings.data)
    serve_web(settings, folders, clock=clock, gathering=plan_of(folders, say))


def say(sentence: str) -> None:
    """Tell whoever looks at the terminal."""
    print(f"web: {sentence}", flush=True)
