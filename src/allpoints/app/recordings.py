"""Recordings for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from rich.progress import Progress

from allpoints.app.record_commands import told_length
from allpoints.contribute.recording.gaps import Gap
from allpoints.kernel.folders import Folders
from allpoints.publish.recording.export import NothingRecorded, export
from allpoints.publish.recording.listing import recordings

TOLD_GAPS = 20


def told_recordings(folders: Folders) -> Iterator[str]:
    """A table of all tracks, and beneath it what is missing from each."""
    found = list(recordings(folders))
    if not found:
        yield f"Nothing is recorded in {folders.recordings}."
        return
    yield f"{'what':<20}  {'from':<19}  {'until':<19}  {'length':>12}  {'size':>10}  {'gaps':>5}"
    for each in found:
        since, until = each.takes[0].began_at, each.takes[-1].ended_at
        yield (f"{each.what:<20}  {_told(since)}  {_told(until)}  {told_length(each.length):>12}  "
               f"{each.size / 1e6:>7,.0f} MB  {len(each.gaps):>5}")
    for each in found:
        for gap in each.gaps[-TOLD_GAPS:]:
            yield f"{each.what}: nothing {_span(gap)}: {gap.why}"


def export_with_progress(
    folders: Folders, output: Path, what: str, *, since: datetime | None, until: datetime | None, close_gaps: bool
) -> Iterator[str]:
    """Export with a bar; answers with what was done and which holes there are. Raises what ``export`` raises."""
    recording = next((each for each in recordings(folders) if each.what == what), None)
    if recording is None:
        raise NothingRecorded(what=what)
    with Progress() as progress:
        task = progress.add_task(output.name, total=1.0)
        done = export(
            recording, output, since=since, until=until, close_gaps=close_gaps,
            on_progress=lambda share: progress.update(task, completed=share),
        )
    yield (f"Exported {told_length(done.length)} from {_told(done.began_at)} on, {done.size / 1e6:,.0f} MB: {output}")
    for began_at, ended_at in done.holes:
        known = next((gap.why for gap in recording.gaps if gap.began_at < ended_at and
                      (gap.ended_at is None or gap.ended_at > began_at)), "nothing was recorded")
        kept = "left out" if close_gaps else "kept as a hole"
        yield f"Missing, {kept}: {_told(began_at)} to {_told(ended_at)}: {known}"


def _span(gap: Gap) -> str:
    if gap.ended_at is None:
        return f"since {_told(gap.began_at)}"
    length = max(gap.ended_at - gap.began_at, timedelta())
    return f"from {_told(gap.began_at)} for {told_length(length)}"


def _told(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%dT%H:%M:%S}"
