"""A running gathering as faults reach it."""

from __future__ import annotations

from dataclasses import dataclass

from allpoints.app.faults.processes import Held, NoSuchProcess, children, command, running
from allpoints.app.orders import hear_stage
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import ProcessNote
from allpoints.schedule.model import Gathering, SourceKind, SourceSpec
from allpoints.stage.protocol import StageReport

SPEAKER = "harbour"
"""The process that publishes live, in the demo and in the drill."""

ON_AIR_CHILD = "on-air source"


class NothingOnAir(AllpointsError):
    """A fault of the source on air was asked for while no source is on air."""

    code = "nothing_on_air"
    status = 409
    for_people = "Only the slate is on air now. Wait until a source is on air, then try again."


@dataclass(frozen=True)
class House:
    """One running gathering. ``is_kept``: somebody starts the supervisor again when it dies."""

    folders: Folders
    gathering: Gathering
    clock: Clock
    web_address: tuple[str, int]
    is_kept: bool = False

    def running(self) -> dict[str, ProcessNote]:
        """The processes that run now, by name."""
        return running(self.folders)

    def held(self, name: str) -> Held:
        """The process ``name``, or the child that plays what is on air. Raises NoSuchProcess and NothingOnAir."""
        if name == ON_AIR_CHILD:
            return Held(name, self._on_air_child())
        found = self.running().get(name)
        if found is None or found.pid is None:
            raise NoSuchProcess(name=name)
        return Held(name, found.pid)

    def report(self) -> StageReport:
        """What the stage says now. Raises NoSuchProcess when it does not answer."""
        report = hear_stage(self.folders)
        if report is None:
            raise NoSuchProcess(name="stage")
        return report

    def source(self, ref: str | None) -> SourceSpec | None:
        """A planned source."""
        return next((source for source in self.gathering.sources if source.ref == ref), None)

    def live_source(self) -> SourceSpec | None:
        """The source that the speaker publishes to."""
        return next((source for source in self.gathering.sources if source.kind is SourceKind.RTMP), None)

    def _on_air_child(self) -> int:
        source = self.source(self.report().on_air.source)
        stage = self.running().get("stage")
        if source is None or stage is None or stage.pid is None:
            raise NothingOnAir
        for child in children(stage.pid):
            words = command(child)
            if source.kind is SourceKind.RTMP and "pipe:0" in words and "nokey" not in words:
                return child  # the small child of a source that waits decodes key pictures only
            if source.path is not None and f"file:{source.path}" in words:
                return child
        raise NothingOnAir

