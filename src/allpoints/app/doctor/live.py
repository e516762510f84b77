"""How the gathering is that runs now: the same facts as the web's, gathered without it."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path

from allpoints.app.addresses import reached_at
from allpoints.app.doctor.finding import Finding, doubtful, well, wrong
from allpoints.app.orders import hear_stage
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.processes import read_processes
from allpoints.kernel.settings import Settings
from allpoints.kernel.text.translations import MAIN_LANGUAGE, for_language
from allpoints.kernel.timeline import TICKS_PER_SECOND
from allpoints.web.health.alarms import Alarm, told
from allpoints.web.health.reading import read_snapshot
from allpoints.web.health.rules import Severity, look_at
from allpoints.web.health.snapshot import Snapshot
from allpoints.web.published import position_of

BETWEEN_LOOKS = 4.5
PATIENCE = 3.0
BEHIND_SEGMENTS = 2
LOOK_AT_LOG = "It is started again by itself. If that does not last, read its log in {folder}."


def examine_live(settings: Settings, folders: Folders, clock: Clock, *, is_serving: bool) -> Iterator[Finding]:
    """Every finding; looks twice, some seconds apart. Works with any process down, the web included."""
    log = str(folders.log)
    began = clock.monotonic()
    first = _look(folders, clock)
    if not is_serving and first.report is None:
        yield wrong("Gathering", f"nothing runs on {folders.data}", "Start it with “allpoints serve”.")
        return
    yield from check_processes(folders, log)
    clock.sleep(BETWEEN_LOOKS)
    second = _look(folders, clock)
    yield from check_ticks(first, second, clock.monotonic() - began)
    if second.ingest is not None:
        yield well("Ingest", f"answers; {len(second.ingest.publishers)} publish now")
    yield from check_renditions(first, second)
    yield from check_web(settings, second)
    yield from check_places(second)
    yield from check_conditions(second)


def _look(folders: Folders, clock: Clock) -> Snapshot:
    return read_snapshot(folders, clock, hear_stage(folders), None)


def check_processes(folders: Folders, log: str) -> Iterator[Finding]:
    """Each process that the supervisor noted: whether it runs, and is not stopped."""
    notes = read_processes(folders)
    if notes is None:
        yield doubtful("Processes", "no supervisor has noted any", "Ask your service manager about each of them.")
        return
    for note in notes.processes:
        state = _state_of(note.pid)
        if note.pid is None and note.last_end == "done":
            continue
        if state in ("", "Z"):
            yield wrong(note.name, f"does not run: {note.last_end or 'it has not started yet'}",
                        LOOK_AT_LOG.format(folder=log))
        elif state in ("T", "t"):
            yield wrong(note.name, f"is stopped (process {note.pid})",
                        "The supervisor ends it within seconds. If somebody stopped it: kill -CONT.")
        elif not note.is_ready and note.name in WATCHED:
            yield doubtful(note.name, f"is starting (process {note.pid})", "Look again in half a minute.")
        else:
            often = "" if note.starts == 1 else f", started {note.starts} times"
            yield well(note.name, f"runs (process {note.pid}{often})")


WATCHED = ("stage", "web", "ingest", "recorder", "simulcast")
"""Those that tell when they are ready."""


def _state_of(pid: int | None) -> str:
    """The kernel's letter for what a process does; empty for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def check_ticks(first: Snapshot, second: Snapshot, seconds: float) -> Iterator[Finding]:
    """Whether the stage's time goes on, and how punctually. A stage that is silent is among the conditions."""
    if first.report is None or second.report is None:
        return
    ticks = second.report.tick - first.report.tick
    health = second.report.health
    if ticks < 0.8 * (seconds - 1) * TICKS_PER_SECOND:
        yield wrong("Ticks", f"{ticks} in {seconds:.1f} s, there should be {TICKS_PER_SECOND} a second",
                    "The machine is overloaded: end other programs, or start again with --ladder small.")
    else:
        yield well("Ticks", f"go on, {health.late_p50_ms:.1f} ms late; one in a hundred {health.late_p99_ms:.0f} ms")
    out = second.report.on_air
    yield well("On air", "the slate" if out.on_slate else f"{out.title} ({out.source})")


def check_renditions(first: Snapshot, second: Snapshot) -> Iterator[Finding]:
    """Whether each rendition gained a segment between the looks."""
    before = {each.name: each.next_segment for each in first.renditions}
    for each in second.renditions:
        gained = each.next_segment - before.get(each.name, each.next_segment)
        if gained > 0:
            yield well(each.name, f"goes on; {each.missing} segments are missing" if each.missing else "goes on")
        else:
            yield wrong(each.name, f"stands still for {each.age_s:.0f} s",
                        "See the rows about the stage. If only this one stands, start the stage again.")


def check_web(settings: Settings, snapshot: Snapshot) -> Iterator[Finding]:
    """Whether players get over HTTP what lies in the public folder."""
    try:
        main = _fetch(settings, "/live/master.m3u8")
        names = sorted(set(re.findall(r"([\w-]+)/index\.m3u8", main)))
        positions = {name: position_of(_fetch(settings, f"/live/{name}/index.m3u8")) for name in names}
    except (OSError, http.client.HTTPException, ValueError) as trouble:
        yield wrong("Web", f"players get no playlists: {trouble or type(trouble).__name__}",
                    "The web is started again by itself; if it does not come, see that nothing else has its port.")
        return
    newest = {each.name: each.next_segment for each in snapshot.renditions}
    late = [name for name, position in positions.items()
            if newest.get(name, 0) - position.next_segment >= BEHIND_SEGMENTS]
    if late or not positions:
        yield wrong("Web", f"old playlists are handed out: {', '.join(late) or 'none is there'}",
                    "See that no cache in front keeps playlists for longer than a second.")
    else:
        yield well("Web", f"hands out {len(positions)} playlists, valid and fresh")


def _fetch(settings: Settings, path: str) -> str:
    connection = http.client.HTTPConnection(reached_at(settings.host), settings.port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError(f"{path} is answered with {answer.status}")
        text = answer.read().decode()
    finally:
        connection.close()
    if not text.startswith("#EXTM3U\n"):
        raise ValueError(f"{path} is no playlist")
    return text


def check_places(snapshot: Snapshot) -> Iterator[Finding]:
    """Room on the disk and in memory, and what is recorded."""
    forecast = ""
    if recording := snapshot.recording:
        going = sum(track.state == "recording" for track in recording.tracks)
        yield well("Recording", f"{going} of {len(recording.tracks)} are being recorded")
        if (left := recording.seconds_left) is not None:
            forecast = f", {left // 3600} h {left // 60 % 60} min at this rate"
    yield well("Disk", f"{snapshot.disk.free_bytes / 1e9:,.0f} GB free{forecast}")
    yield well("Memory folder", f"{snapshot.memory.free_bytes / 1e6:,.0f} MB free")


def check_conditions(snapshot: Snapshot) -> Iterator[Finding]:
    """What would be an alarm if it lasted."""
    language, found = for_language(MAIN_LANGUAGE), False
    for code, findings in look_at(snapshot).items():
        for subject, values in (findings or {}).items():
            found = True
            alarm = told(Alarm(code, subject, snapshot.at, dict(values)), language)
            tell = wrong if alarm.severity is Severity.URGENT else doubtful
            yield tell(code.replace("_", " "), alarm.sentence, f"{alarm.next_step} ({alarm.owner})")
    if not found:
        yield well("Alarms", "none")
