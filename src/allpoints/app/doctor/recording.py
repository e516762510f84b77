"""How long will the disk take what is recorded?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from allpoints.app.doctor.finding import Finding, doubtful, well, wrong
from allpoints.app.doctor.places import nearest_existing
from allpoints.app.plan import plan_of
from allpoints.app.record_commands import told_length
from allpoints.contribute.recording.disk import Kind, look_at_disk, seconds_left
from allpoints.contribute.recording.gaps import WHY
from allpoints.contribute.recording.state import read_state
from allpoints.kernel.clock import Clock
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.publish.ladder import LADDERS
from allpoints.schedule.model import SourceKind

LIVE_BIT_RATE = 4_000_000
"""What a live source may be expected to send; only sources that send cost anything."""

ENOUGH = timedelta(hours=24)
MAKE_ROOM = "Make room, mount a larger disk at {place}, or have old ones deleted with --record-keep-hours."


def check_recording(settings: Settings, folders: Folders, clock: Clock) -> Iterator[Finding]:
    """What the recorder itself tells; where none runs, what the settings and the plan will write."""
    next_step = MAKE_ROOM.format(place=folders.recordings)
    state = read_state(folders, clock.now())
    if state is not None:
        for track in state.tracks:
            if track.state == "stopped":
                why = WHY.get(track.code, track.code)
                yield wrong("Recording", f"{track.what} is not recorded: {why}", next_step)
        rate, left = float(state.bytes_per_second), state.seconds_left
    else:
        rates = expected_rates(settings, folders)
        rate = sum(rates.values())
        left = seconds_left(look_at_disk(nearest_existing(folders.recordings)), rate, rates.keys())
    if left is None:
        yield well("Recording", "nothing is written now" if state else "switched off")
        return
    said = f"{told_length(timedelta(seconds=left))} left at this rate ({rate / 125_000:.1f} Mb/s)"
    enough = left >= ENOUGH.total_seconds()
    yield well("Recording", said) if enough else doubtful("Recording", said, next_step)


def expected_rates(settings: Settings, folders: Folders) -> dict[Kind, float]:
    """Bytes a second of each kind of recording that is switched on."""
    ladder = LADDERS[settings.ladder].with_clean()
    bit_rates = {rung.name: rung.bit_rate for rung in ladder.made}
    rates: dict[Kind, float] = {}
    if settings.record_program:
        rates["program"] = sum(bit_rates[name] for name in ladder.recorded("program")) / 8
    if settings.record_clean and ladder.unserved:
        rates["clean"] = sum(bit_rates[name] for name in ladder.recorded("clean")) / 8
    if settings.record_sources and (live := _live_sources(folders)):
        rates["sources"] = live * LIVE_BIT_RATE / 8
    return rates


def _live_sources(folders: Folders) -> int:
    if not folders.database.exists():
        return 0
    try:
        return sum(source.kind is SourceKind.RTMP for source in plan_of(folders, lambda _: None).sources)
    except AllpointsError:  # the database's own row says what is wrong with it
        return 0
