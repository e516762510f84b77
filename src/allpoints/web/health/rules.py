"""What is worth an alarm, as data: each rule looks at a snapshot and names an owner and a next step.

Sentences name limits and not readings: a list that a screen reader announces must not change every second.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from allpoints.kernel.text.translations import message as _
from allpoints.stage.protocol import StageReport
from allpoints.web.health.snapshot import Snapshot

Values = Mapping[str, str | int | float]
Findings = Mapping[str, Values] | None
"""Subject → what fills the sentence; the subject is empty where there is only one. None: it cannot be known now."""


class Severity(enum.StrEnum):
    """``URGENT``: the audience has noticed or is about to. ``WARNING``: it will come to that if nobody looks."""

    URGENT = "urgent"
    WARNING = "warning"


class Owner(enum.StrEnum):
    """Whose business an alarm is."""

    DIRECTOR = "director"
    ENGINEER = "engineer"
    PRODUCER = "producer"


@dataclass(frozen=True)
class Rule:
    """``look`` finds what is wrong. It is an alarm once it lasted ``raise_after`` seconds, and is none any more once
    it was not found for ``clear_after`` seconds."""

    code: str
    severity: Severity
    owner: Owner
    sentence: str
    next_step: str
    look: Callable[[Snapshot], Findings]
    raise_after: float = 3.0
    clear_after: float = 10.0


def look_at(snapshot: Snapshot) -> dict[str, Findings]:
    """What every rule finds."""
    return {rule.code: rule.look(snapshot) for rule in RULES}


def _is(holds: bool, **values: str | int | float) -> Findings:
    return {"": values} if holds else {}


def _stage(look: Callable[[StageReport], Findings]) -> Callable[[Snapshot], Findings]:
    """A look at what only the stage can tell."""
    return lambda snapshot: None if snapshot.report is None else look(snapshot.report)


SLOW_MS = 25
LONG_BLACK_MS, LONG_STILL_MS = 10_000, 30_000
RELEASE_SECONDS = 6.0
SOON_MS = 60_000
STEP_MS = 1_000
LITTLE_DISK, LITTLE_HOURS = 2_000_000_000, 3
LITTLE_MEMORY = 64_000_000
NEARLY_ALL = 0.8
OFTEN, MANY_WRONG_KEYS = 3, 10
BACKLOG_TICKS = 20
MOVING_KINDS = ("file", "rtmp")


def _moving(report: StageReport) -> bool:
    """Whether what is on air ought to move and sound: no slate, no still."""
    kinds = {source.ref: source.kind for source in report.sources}
    return not report.on_air.on_slate and kinds.get(report.on_air.source or "") in MOVING_KINDS


def _nothing_released(snapshot: Snapshot) -> Findings:
    age = snapshot.released_age_s
    return _is(age is None or age > RELEASE_SECONDS)


def _renditions_behind(snapshot: Snapshot) -> Findings:
    newest = snapshot.released_age_s
    if newest is None or newest > RELEASE_SECONDS:
        return None  # nothing at all is released: another alarm
    return {each.name: {"rendition": each.name}
            for each in snapshot.renditions if each.age_s > RELEASE_SECONDS}


def _source_lost(report: StageReport) -> Findings:
    names = {source.ref: source.name for source in report.sources}
    lost = report.health.lost_source
    return {lost: {"source": names.get(lost, lost)}} if lost else {}


def _next_not_ready(report: StageReport) -> Findings:
    coming, left = report.next, report.on_air.remaining_ms
    is_near = left is not None and left < SOON_MS
    return _is(coming is not None and not coming.ready and is_near, title=coming.title if coming else "")


def _disk_short(snapshot: Snapshot) -> Findings:
    free, left = snapshot.disk.free_bytes, snapshot.recording.seconds_left if snapshot.recording else None
    is_short = free < LITTLE_DISK or (left is not None and left < LITTLE_HOURS * 3600)
    hours = "–" if left is None else left // 3600
    return _is(is_short and snapshot.disk.total_bytes > 0, gigabytes=round(free / 1e9, 1), hours=hours)


def _recording_stopped(snapshot: Snapshot) -> Findings:
    if snapshot.recording is None:
        return {}
    return {track.what: {"what": track.what, "code": track.code.replace("_", " ") or "–"}
            for track in snapshot.recording.tracks if track.state == "stopped"}


def _receivers_failing(snapshot: Snapshot) -> Findings:
    if snapshot.simulcast is None:
        return {}
    return {each.receiver: {"receiver": each.receiver, "code": each.state}
            for each in snapshot.simulcast.receivers if each.state in ("connecting", "stalled", "refused")}


def _descriptors_short(snapshot: Snapshot) -> Findings:
    return {each.name: {"process": each.name, "limit": each.descriptor_limit}
            for each in snapshot.processes
            if each.descriptors and each.descriptor_limit and each.descriptors > NEARLY_ALL * each.descriptor_limit}


def _restarting(snapshot: Snapshot) -> Findings:
    return {name: {"process": name, "count": count} for name, count in snapshot.starts.items() if count >= OFTEN}


def _rules() -> Iterator[Rule]:
    urgent, warning = Severity.URGENT, Severity.WARNING
    director, engineer, producer = Owner.DIRECTOR, Owner.ENGINEER, Owner.PRODUCER
    yield Rule(
        "stage_down", urgent, engineer, _("The stage does not answer."),
        _("It is started again by itself. If it does not come within a minute, read its log."),
        lambda snapshot: _is(snapshot.report is None and not snapshot.stands_by), raise_after=2, clear_after=3,
    )
    yield Rule(
        "stage_late", warning, engineer,
        _("The stage is late: one tick in a hundred begins more than {milliseconds} ms after its time."),
        _("End other programs on this machine. If it lasts, go on with --ladder small after a session."),
        _stage(lambda report: _is(report.health.late_p99_ms > SLOW_MS, milliseconds=SLOW_MS)),
        raise_after=10, clear_after=30,
    )
    yield Rule(
        "nothing_released", urgent, engineer, _("Nothing new reaches the audience."),
        _("See whether the stage answers and the memory folder has room: “allpoints doctor --live” tells which."),
        _nothing_released, raise_after=5, clear_after=4,
    )
    yield Rule(
        "rendition_behind", warning, engineer,
        _("The rendition {rendition} stands still, while others go on."),
        _("Players move to another rendition by themselves. If it lasts, start the stage again after a session."),
        _renditions_behind,
    )
    yield Rule(
        "segments_missing", warning, engineer,
        _("Segments are missing from what the audience can still play."),
        _("Nothing can bring them back; players step over them. Read the stage's log for the reason."),
        lambda snapshot: _is(any(each.missing for each in snapshot.renditions)), raise_after=0, clear_after=5,
    )
    yield Rule(
        "encoder_behind", warning, engineer, _("Encoding is more than {ticks} ticks behind the program."),
        _("End other programs on this machine. At 50 ticks a hole is announced and encoding begins anew."),
        _stage(lambda report: _is(report.publication.backlog_ticks > BACKLOG_TICKS, ticks=BACKLOG_TICKS)),
        raise_after=1,
    )
    yield Rule(
        "program_black", urgent, director, _("Program has been black for more than {seconds} s."),
        _("If it is not meant so, take NEXT or press PANIC, then ask whoever sends."),
        _stage(lambda report: _is(report.health.black_ms > LONG_BLACK_MS and _moving(report),
                                  seconds=LONG_BLACK_MS // 1000)), raise_after=0, clear_after=2,
    )
    yield Rule(
        "program_frozen", warning, director, _("The picture on program has not moved for more than {seconds} s."),
        _("If it is not meant so, take NEXT, or restart the source."),
        _stage(lambda report: _is(report.health.frozen_ms > LONG_STILL_MS and _moving(report),
                                  seconds=LONG_STILL_MS // 1000)), raise_after=0, clear_after=2,
    )
    yield Rule(
        "program_silent", urgent, director, _("There has been no sound on program for more than {seconds} s."),
        _("Listen to it. If it is not meant so, ask whoever sends to switch the microphone on, or take NEXT."),
        _stage(lambda report: _is(report.health.silent_ms > LONG_STILL_MS and _moving(report),
                                  seconds=LONG_STILL_MS // 1000)), raise_after=0, clear_after=2,
    )
    yield Rule(
        "source_lost", urgent, director, _("“{source}” was on air and is lost; the audience sees the slate."),
        _("With auto-next armed it returns by itself when it is back. Otherwise take NEXT."),
        _stage(_source_lost), raise_after=0, clear_after=2,
    )
    yield Rule(
        "next_not_ready", warning, director, _("“{title}” comes within a minute and is not ready."),
        _("Look at its source below; cue something else if it does not come."),
        _stage(_next_not_ready),
    )
    yield Rule(
        "wrong_keys", warning, producer,
        _("{count} publishers came with a wrong stream key within ten minutes."),
        _("Ask those who should be sending to copy their key again. If all are there, somebody is guessing."),
        lambda snapshot: _is(snapshot.wrong_keys >= MANY_WRONG_KEYS, count=snapshot.wrong_keys), raise_after=0,
        clear_after=60,
    )
    yield Rule(
        "ingest_down", urgent, engineer, _("The ingest does not answer: nobody can send live."),
        _("It is started again by itself. If it does not come within a minute, read its log."),
        lambda snapshot: _is(snapshot.ingest is None), clear_after=3,
    )
    yield Rule(
        "process_restarting", warning, engineer,
        _("The process “{process}” was started again {count} times within ten minutes."),
        _("Read its log for what happened right before each end."),
        _restarting, raise_after=0, clear_after=60,
    )
    yield Rule(
        "journal_lagging", warning, engineer, _("The stage's journal waits for the disk."),
        _("The stream does not wait. See what keeps the data disk busy or full before anybody restarts the stage."),
        _stage(lambda report: _is(report.health.journal_lagging)),
        clear_after=5,
    )
    yield Rule(
        "disk_short", warning, engineer,
        _("{gigabytes} GB are left on the data disk, enough to record for {hours} h more."),
        _("Move old recordings to another disk. The stream itself does not stop when this one is full."),
        _disk_short, clear_after=30,
    )
    yield Rule(
        "memory_short", urgent, engineer,
        _("Less than {megabytes} MB are left in the memory folder, where live media lie."),
        _("End what else uses it. After a session, lower --retention or set ALLPOINTS_MEMORY to a larger folder."),
        lambda snapshot: _is(snapshot.memory.total_bytes > 0 and snapshot.memory.free_bytes < LITTLE_MEMORY,
                             megabytes=LITTLE_MEMORY // 1_000_000),
    )
    yield Rule(
        "recording_stopped", urgent, engineer, _("“{what}” is not being recorded ({code})."),
        _("Make room on the disk of recordings: it goes on by itself, and the gap is announced."),
        _recording_stopped, clear_after=3,
    )
    yield Rule(
        "receiver_failing", warning, engineer, _("The receiver “{receiver}” does not get the program ({code})."),
        _("It is tried again by itself. Ask them whether their side is up and the key is still good."),
        _receivers_failing, raise_after=10,
    )
    yield Rule(
        "clock_stepped", warning, engineer,
        _("This machine's clock was set by {seconds} s while on air; the stream keeps its own time."),
        _("Leave it so until the session is over. Then let NTP keep the clock and start the stage again."),
        _stage(lambda report: _is(abs(report.health.clock_step_ms) > STEP_MS,
                                  seconds=round(report.health.clock_step_ms / 1000))),
        raise_after=0, clear_after=5,
    )
    yield Rule(
        "descriptors_short", warning, engineer,
        _("The process “{process}” has most of the {limit} files and connections open that it may."),
        _("Raise the limit (LimitNOFILE in the unit, or “ulimit -n”) and start it again after a session."),
        _descriptors_short, clear_after=30,
    )
    yield Rule(
        "peer_unreachable", warning, engineer, _("The other stage, primary or standby, does not answer."),
        _("See whether the other machine and the line to it are up: until then nobody takes over."),
        lambda snapshot: _is(snapshot.standby is not None and not snapshot.standby.is_peer_heard), raise_after=5,
    )


RULES: tuple[Rule, ...] = tuple(_rules())
