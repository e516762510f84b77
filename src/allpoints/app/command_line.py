"""The command ``allpoints``. Thin: each command reads its options and calls what does the work."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from allpoints.app.config_commands import config
from allpoints.app.options import settings_options
from allpoints.app.record_commands import record
from allpoints.app.standby_commands import standby
from allpoints.app.supervisor import REFUSED
from allpoints.app.terminal import Terminal
from allpoints.kernel.clock import SystemClock, clock_of_process
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings

# Commands import what they need when they run: “allpoints --help” then takes a tenth of a second, not two.

GatheringPath = click.Path(path_type=Path, dir_okay=False)
gathering_option = click.option(
    "--gathering", "gathering_path", type=GatheringPath, default=Path("gathering.toml"), show_default=True,
    help="The plan to begin with. Read once: afterwards the plan is kept in the data folder.",
)


class Commands(click.Group):
    """Tells an error as its one sentence, without a traceback; the exit code is 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except AllpointsError as error:
            click.echo(error.sentence(), err=True)
            sys.exit(REFUSED)


def _tell_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from allpoints.app.version import version

        click.echo(f"allpoints {version()}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_tell_version,
              help="Show the version and exit.")
def main() -> None:
    """Hold one live gathering in tens of thousands of places at once."""


@main.command()
@click.argument("path", type=GatheringPath, default=Path("gathering.toml"))
@click.option("--title", default="World Assembly of Lighthouse Keepers", show_default=True, help="Its name.")
def init(path: Path, title: str) -> None:
    """Write a good gathering file to start from."""
    from allpoints.schedule.gathering_file import gathering_template

    try:
        with path.open("x") as file:
            file.write(gathering_template(title, now=SystemClock().now()))
    except FileExistsError:
        raise click.ClickException(f"{path} is there already. Change that one, or name another.") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}. Name another place.") from None
    click.echo(f"Wrote {path}. Change it, then run “allpoints check {path}”.")


@main.command()
@click.argument("path", type=GatheringPath, default=Path("gathering.toml"))
def check(path: Path) -> None:
    """Say all that is wrong with a gathering file, line by line."""
    from allpoints.schedule.gathering_file import Severity, check_gathering_file

    problems = check_gathering_file(path)
    for problem in problems:
        click.echo(f"{path}:{problem.line}: {problem.severity}: {problem.sentence}")
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    if errors:
        click.echo(f"{errors} to put right before it can be used.", err=True)
        sys.exit(1)
    click.echo(f"{path} is good.")


@main.command()
@gathering_option
@settings_options()
def serve(gathering_path: Path, **given: str | None) -> None:
    """Hold the gathering: stage, ingest and web, supervised, on this machine."""
    from allpoints.app import serve as serving

    clock = SystemClock()
    say = Terminal(clock).say
    settings = Settings.read(given)
    sys.exit(serving.serve(
        settings, clock, say,
        seed=lambda folders: serving.seed_from_file(folders, gathering_path, settings, clock, say),
    ))


@main.command()
@settings_options()
def demo(**given: str | None) -> None:
    """Hold an invented gathering in a loop, with speakers and a live feed of its own."""
    from allpoints.app.small_disk import enter_own_mounts

    enter_own_mounts()  # before anything starts a thread; where it is refused, the disk cannot be filled
    from allpoints.app.demo_process import run_demo

    clock = SystemClock()
    sys.exit(run_demo(_demo_settings(given), clock, Terminal(clock)))


def _demo_settings(given: Mapping[str, str | None]) -> Settings:
    """The demo's data folder is its own, unless one is named."""
    named = Settings.read(given)
    return named if given.get("data") or named.data != Path("allpoints-data") else Settings.read(
        {**given, "data": "allpoints-demo"}
    )


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, and nothing else.")
@click.option("--only", multiple=True, metavar="CODE", help="Only this fault; may be given again.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a web page, too.")
@settings_options("ladder")
def drill(as_json: bool, only: tuple[str, ...], page: Path | None, **given: str | None) -> None:
    """Hold a gathering of its own, break everything in it, and grade what viewers get.

    Touches no other gathering. Takes some six minutes; the exit code is 1 when something failed. Where Playwright and
    Chromium are installed, a real browser watches; elsewhere a reader of its own. The report says which.
    """
    from allpoints.app.small_disk import enter_own_mounts

    refused = enter_own_mounts()  # before anything starts a thread
    import msgspec

    from allpoints.app.drill.drill import chosen, run_drill
    from allpoints.app.drill.page import page_of
    from allpoints.app.drill.telling import Telling

    faults = chosen(only)
    ladder = Settings.read({"ladder": given.get("ladder") or "small"}).ladder
    with Telling(silent=as_json) as telling:
        report = run_drill(
            faults, ladder, SystemClock(), has_own_mounts=not refused,
            begin=telling.begin, hear=telling.hear, end=telling.end,
        )
    telling.sum_up(report)
    if page is not None:
        page.write_text(page_of(report), encoding="utf-8")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(report)))
    sys.exit(report.failed)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--live", is_flag=True, help="Look for some seconds at the gathering that runs, not at the machine.")
@settings_options()
def doctor(as_json: bool, live: bool, **given: str | None) -> None:
    """Look at this machine and say what is well, what is not, and what to do.

    The exit code is 1 when something must be put right.
    """
    import msgspec

    from allpoints.app.data_folder import is_held
    from allpoints.app.doctor import Verdict, examine, examine_live, told

    settings, clock = Settings.read(given), SystemClock()
    folders = Folders.beneath(settings.data)
    is_serving = is_held(folders)
    findings = []
    for finding in (
        examine_live(settings, folders, clock, is_serving=is_serving) if live
        else examine(settings, folders, clock, is_serving=is_serving)
    ):
        findings.append(finding)
        if not as_json:
            click.echo(told(finding))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(findings)))
    sys.exit(any(finding.verdict is Verdict.FAIL for finding in findings))


@main.command()
@click.option("--demo", "is_demo", is_flag=True, help="Offer the Break-it panel.")
@click.option("--callers", type=int, help="Take callers from this open descriptor, which “serve” listens on.")
@settings_options()
def web(is_demo: bool, callers: int | None, **given: str | None) -> None:
    """Be the process of pages, API and origin; “serve” starts it."""
    from allpoints.app.web_process import run_web

    run_web(Settings.read(given), clock_of_process(), demo=is_demo, callers=callers)


@main.command()
@click.option("--demo", "is_demo", is_flag=True, help="Loop the rundown, with auto-next on.")
@click.option("--copied-plan", is_flag=True, help="Trust the copy of the plan: “serve” has just made it.")
@settings_options()
def stage(is_demo: bool, copied_plan: bool, **given: str | None) -> None:
    """Be the process that mixes and publishes the program; “serve” starts it."""
    from allpoints.app.stage_process import run_stage

    run_stage(Settings.read(given), clock_of_process(), demo=is_demo, copied_plan=copied_plan)


@main.command()
@settings_options()
def ingest(**given: str | None) -> None:
    """Be the process that RTMP publishers send to; “serve” starts it."""
    from allpoints.app.ingest_process import run_ingest

    run_ingest(Settings.read(given), clock_of_process())


@main.command()
@settings_options()
def recorder(**given: str | None) -> None:
    """Be the process that records; “serve” starts it."""
    from allpoints.app.recorder_process import run_recorder

    run_recorder(Settings.read(given), clock_of_process())


@main.command()
@settings_options()
def simulcast(**given: str | None) -> None:
    """Be the process that sends the program to receivers outside; “serve” starts it where there are any."""
    from allpoints.app.simulcast_process import run_simulcast

    run_simulcast(Settings.read(given), clock_of_process())


@main.command()
@settings_options("data")
def dump(**given: str | None) -> None:
    """DUMP now: all that is not yet released is replaced by slate, and the program retreats to slate."""
    from allpoints.app.orders import dump_now

    click.echo(dump_now(Folders.beneath(Settings.read(given).data), SystemClock()))


@main.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@settings_options("data")
def convert(path: Path, **given: str | None) -> None:
    """Convert a file that is too heavy to play; its source then plays the conversion."""
    from allpoints.app.conversion import convert_with_progress

    target = convert_with_progress(path, Folders.beneath(Settings.read(given).data))
    click.echo(f"Converted: {target}")


@main.command("take-trace")
@gathering_option
@settings_options("data")
def take_trace(gathering_path: Path, **given: str | None) -> None:
    """Take [trace] of the gathering file into a plan that has been read in, and nothing else."""
    from contextlib import closing

    from allpoints.kernel.storage import open_storage
    from allpoints.schedule import store
    from allpoints.schedule.gathering_file import load_gathering_file

    gathering = load_gathering_file(gathering_path)
    with closing(open_storage(Folders.beneath(Settings.read(given).data))) as storage:
        store.take_trace(storage, gathering)
    click.echo(f"Taken: browsers are told to keep {'nothing' if gathering.trace.low else 'what they usually keep'}.\n"
               "It holds once the pages are started again: end “allpoints web”, which comes back at once.")


@main.command("reset-secret")
@settings_options("data")
def reset_secret(**given: str | None) -> None:
    """Make a new secret for the control page and sign everybody out."""
    from contextlib import closing

    from allpoints.kernel.storage import open_storage
    from allpoints.staff import StaffSessions
    from allpoints.staff import reset_secret as make_anew

    folders = Folders.beneath(Settings.read(given).data)
    with closing(open_storage(folders)) as storage:
        click.echo(f"The new secret, shown once: {make_anew(folders, StaffSessions(storage, SystemClock()))}")


main.add_command(config)
main.add_command(record)
main.add_command(standby)
