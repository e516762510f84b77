"""A stage that only talks: it speaks the control socket's words and remembers what it was asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from allpoints.stage import protocol as said


def report(
    at: datetime, *, armed: bool = True, state: str = "ready", takes: int = 0
) -> said.StageReport:
    """A lively desk at ``at``, after so many takes."""
    titles = ("Lighting the lamps", "The night the fog came", "Songs of the coast")
    now, coming = takes % 3, (takes + 1) % 3
    return said.StageReport(
        at=at,
        tick=1000,
        on_air=said.OnAir(f"airing-{7 + takes}", f"item-{now + 1}", titles[now], "opening-film", "on_air",
                          at - timedelta(seconds=42), 95_000, False, (-18.0, -16.5)),
        next=said.Next(f"item-{coming + 1}", titles[coming], "harbour-live", state == "ready",
                       [] if state == "ready" else [state]),
        auto_next_armed=armed,
        auto_next_at=at + timedelta(seconds=95) if armed else None,
        rundown=[
            said.RundownRow(f"item-{n}", "Opening" if n < 3 else "Evening", title,
                            "opening-film" if n != 2 else "harbour-live", 120_000, "on_air" if n == 1 else None)
            for n, title in enumerate(titles, 1)
        ],
        sources=[
            said.SourceReport("opening-film", "Opening film", "file", "ready", "", {}, "", (-18.0, -17.0), True,
                              False),
            said.SourceReport("harbour-live", "Harbour, live", "rtmp", state, "", {}, "frame=  812 fps= 25 q=-0.0",
                              (-22.0, -24.0), False, True),
            said.SourceReport("rock-letters", "Letters from remote rocks", "file", "refused", "convert_first",
                              {"name": "letters.mov", "width": 7680, "height": 4320}, "", (-120.0, -120.0), False,
                              False),
        ],
        publication=said.Publication(10_000, False, 900, at - timedelta(seconds=10), None,
                                     ["v720", "v480", "v240", "v144", "a64", "a32", "opus16"]),
        actions=[said.Action(at - timedelta(seconds=42), "Ada", "take", "Lighting the lamps")],
    )


@dataclass
class FakeStage:
    """Serve with ``async with``. ``answer`` is given to each request; ``tell`` sends every watcher a report."""

    path: Path
    asked: list[said.Request] = field(default_factory=list)
    answer: said.Reply = field(default_factory=lambda: said.Reply(True, "airing-8"))
    newest: said.StageReport = field(default_factory=lambda: report(datetime.now(UTC)))
    watchers: list[asyncio.StreamWriter] = field(default_factory=list)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> FakeStage:
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._converse, str(self.path))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self.watchers:
            writer.close()
        self.watchers.clear()
        self.path.unlink(missing_ok=True)

    def tell(self, newest: said.StageReport) -> None:
        self.newest = newest
        for writer in self.watchers:
            writer.write(msgspec.json.encode(newest) + b"\n")

    @property
    def takes(self) -> int:
        """How many takes it was asked for."""
        return sum(isinstance(request, said.Take) for request in self.asked)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            request = msgspec.json.decode(line, type=said.Request)
            if isinstance(request, said.Watch):
                self.watchers.append(writer)
                writer.write(msgspec.json.encode(self.newest) + b"\n")
            else:
                self.asked.append(request)
                writer.write(msgspec.json.encode(self.answer) + b"\n")
        writer.close()
