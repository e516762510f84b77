"""The commands ``allpoints record``: what is recorded, and one file of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from allpoints.app.options import settings_options
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings


class BadMoment(AllpointsError):
    """A moment's text does not parse."""

    code = "bad_moment"
    for_people = "“{text}” is no moment. Write it like 2031-03-01T18:30:00, in this machine’s time."


@click.group()
def record() -> None:
    """Recordings: what there is, and one file of it."""


@record.command("list")
@settings_options("data")
def list_recordings(**given: str | None) -> None:
    """Say what is recorded, and what is missing and why. Times are this machine's."""
    from allpoints.app.recordings import told_recordings

    for line in told_recordings(Folders.beneath(Settings.read(given).data)):
        click.echo(line)


@record.command()
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--what", default="program", show_default=True, help="program, clean, or a source's name in the plan.")
@click.option("--from", "since", help="The moment to begin with; its key picture may lie a little earlier.")
@click.option("--to", "until", help="The moment to end with.")
@click.option("--close-gaps", is_flag=True, help="Leave holes out instead of keeping time true.")
@settings_options("data")
def export(
    output: Path, what: str, since: str | None, until: str | None, close_gaps: bool, **given: str | None
) -> None:
    """Join a recording into one file, .mp4 or .mkv, without encoding it anew."""
    from allpoints.app.recordings import export_with_progress

    folders = Folders.beneath(Settings.read(given).data)
    for line in export_with_progress(
        folders, output, what, since=_moment(since), until=_moment(until), close_gaps=close_gaps
    ):
        click.echo(line)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise BadMoment(text=text) from None


def told_length(length: timedelta) -> str:
    """A length as people say it: hours, minutes and seconds."""
    seconds = round(length.total_seconds())
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds % 60:02d} s"
