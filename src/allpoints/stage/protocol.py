"""The words spoken over the stage's control socket.

Requests and replies are one JSON object a line over the Unix socket ``sockets/stage.sock``. A connection that sends
``watch`` receives a ``StageReport`` at each change and at least once a second. All instants are UTC, ISO 8601;
durations are milliseconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Transition = Literal["cut", "mix"]
AiringState = Literal["cued", "taking", "on_air", "leaving", "aired", "dropped"]


class Cue(msgspec.Struct, tag_field="verb", tag="cue", frozen=True):
    """Prepare an item (or, as an ad-lib, a bare source) as NEXT."""

    item: str | None = None
    source: str | None = None
    by: str = ""


class Take(msgspec.Struct, tag_field="verb", tag="take", frozen=True):
    """Put NEXT on air. ``airing`` is the on-air airing the button was pressed from (stale: 409, code stale_take);
    ``key`` makes a repeated request harmless; within 1 s of the last take: 429, code too_soon."""

    airing: str | None = None
    key: str = ""
    transition: Transition = "cut"
    by: str = ""


class Panic(msgspec.Struct, tag_field="verb", tag="panic", frozen=True):
    """Retreat to slate now. Never refused."""

    by: str = ""


class Dump(msgspec.Struct, tag_field="verb", tag="dump", frozen=True):
    """Replace everything not yet released by slate, and retreat to slate. Never refused."""

    by: str = ""


class ArmAutoNext(msgspec.Struct, tag_field="verb", tag="arm", frozen=True):
    """Arm or disarm auto-next."""

    armed: bool
    by: str = ""


class RestartSource(msgspec.Struct, tag_field="verb", tag="restart", frozen=True):
    """End and reopen one source's child."""

    source: str
    by: str = ""


class LowerThird(msgspec.Struct, tag_field="verb", tag="lower_third", frozen=True):
    """Show a name graphic over the program, or clear it when ``title`` is empty."""

    title: str = ""
    subtitle: str = ""
    by: str = ""


class Watch(msgspec.Struct, tag_field="verb", tag="watch", frozen=True):
    """Turn this connection into a stream of reports."""


Request = Cue | Take | Panic | Dump | ArmAutoNext | RestartSource | LowerThird | Watch


class Refusal(msgspec.Struct, frozen=True):
    """Why a request was refused: an ``AllpointsError`` on the wire."""

    code: str
    status: int
    message: str
    values: dict[str, str | int | float] = {}


class Reply(msgspec.Struct, frozen=True):
    """The answer to a request; ``airing`` is the airing now on air or taking."""

    ok: bool
    airing: str | None = None
    refusal: Refusal | None = None


class OnAir(msgspec.Struct, frozen=True):
    """What is on the program bus. ``item`` and ``source`` are None on slate."""

    airing: str | None
    item: str | None
    title: str
    source: str | None
    state: AiringState
    started_at: datetime | None
    remaining_ms: int | None
    on_slate: bool
    level_db: tuple[float, float]


class Next(msgspec.Struct, frozen=True):
    """What TAKE would put on air; ``reasons`` are codes of why it is not ready."""

    item: str | None
    title: str
    source: str | None
    ready: bool
    reasons: list[str]


class RundownRow(msgspec.Struct, frozen=True):
    """One item of the rundown as the control page lists it; ``state`` is that of its last airing."""

    item: str
    chapter: str
    title: str
    source: str
    duration_ms: int | None
    state: AiringState | None


class SourceReport(msgspec.Struct, frozen=True):
    """One source as the control page shows it. Its picture is ``pictures/source-<ref>.jpg``."""

    ref: str
    name: str
    kind: str
    state: str
    code: str
    values: dict[str, str | int | float]
    log: str
    level_db: tuple[float, float]
    on_air: bool
    next: bool


class Publication(msgspec.Struct, frozen=True):
    """What the audience gets: the delay in force and how far release has come.

    ``segments_released`` and ``holes`` (segments that were left out) are counted since this process began, for the
    first rendition; ``backlog_ticks`` is how far the slowest encoder is behind the program.
    """

    release_delay_ms: int
    low_latency: bool
    released_tick: int | None
    released_at: datetime | None
    dumped_until: int | None
    renditions: list[str]
    segments_released: int = 0
    holes: int = 0
    backlog_ticks: int = 0


class Action(msgspec.Struct, frozen=True):
    """One line of who did what."""

    at: datetime
    by: str
    verb: str
    detail: str


class StageHealth(msgspec.Struct, frozen=True):
    """How the stage itself is. Lateness is that of the last 1,000 ticks.

    ``clock_step_ms``: how far the wall clock was stepped since the stage started. ``black_ms``, ``frozen_ms`` and
    ``silent_ms``: for how long program has been so. ``lost_source``: what was on air until it was lost.
    """

    late_p50_ms: float = 0.0
    late_p99_ms: float = 0.0
    clock_step_ms: int = 0
    journal_lagging: bool = False
    journal_waiting: int = 0
    journal_lost: int = 0
    black_ms: int = 0
    frozen_ms: int = 0
    silent_ms: int = 0
    lost_source: str | None = None


class StageReport(msgspec.Struct, frozen=True):
    """The whole state of the stage. Pictures: ``pictures/program.jpg``, ``pictures/preview.jpg``."""

    at: datetime
    tick: int
    on_air: OnAir
    next: Next | None
    auto_next_armed: bool
    auto_next_at: datetime | None
    rundown: list[RundownRow]
    sources: list[SourceReport]
    publication: Publication
    actions: list[Action]
    health: StageHealth = StageHealth()
