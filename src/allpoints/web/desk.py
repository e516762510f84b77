"""The control page's parts in one place: what each of its answers is made with."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from allpoints.web.control_screen import ControlScreen
from allpoints.web.gate import Gate
from allpoints.web.health.watch import HealthWatch
from allpoints.web.site import Site
from allpoints.web.stage_link import StageLink


@dataclass(frozen=True)
class Desk:
    """``closing`` is set when the process is about to end: open streams then end too."""

    site: Site
    gate: Gate
    link: StageLink
    screen: ControlScreen
    health: HealthWatch
    closing: asyncio.Event
