"""The commands ``allpoints standby``: how two machines stand, and the air from one to the other."""

from __future__ import annotations

import click

from allpoints.app.options import settings_options
from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.publish.air import Role, read_air
from allpoints.publish.standing import NoSecondMachine, Notes, Standing, Wish

TAKING_SECONDS = 15.0
LOOK_EVERY = 0.1


@click.group()
def standby() -> None:
    """Two machines for one gathering: how they stand, and the air from one to the other."""


@standby.command()
@settings_options("data")
def show(**given: str | None) -> None:
    """Say which machine has the air, and how the other is."""
    notes = Notes(Folders.beneath(Settings.read(given).data))
    click.echo(told(_standing(notes), SystemClock()))


@standby.command()
@settings_options("data")
def take(**given: str | None) -> None:
    """Take the air, on the machine that stands by. The other ends on a segment that both agree on."""
    _change(given, Role.STANDBY, Role.ON_AIR)


@standby.command()
@settings_options("data")
def give(**given: str | None) -> None:
    """Give the air to the other machine, on the one that has it."""
    _change(given, Role.ON_AIR, Role.STANDBY)


def told(standing: Standing, clock: Clock) -> str:
    """How the two stand, in a sentence for the terminal."""
    has = "has the air" if standing.role is Role.ON_AIR else "stands by"
    sentence = f"This machine {has} (generation {standing.generation})."
    if standing.heard_at is None or standing.trouble:
        return f"{sentence} {standing.trouble or f'{standing.peer} was never heard.'}"
    ago = (clock.now() - standing.heard_at).total_seconds()
    other = "has the air" if standing.peer_role is Role.ON_AIR else "stands by"
    ahead = f"its clock is {standing.clocks_differ_ms} ms ahead"
    return f"{sentence} {standing.peer} {other}, heard {ago:.1f} s ago; {ahead}."


def changed(folders: Folders, standing: Standing, clock: Clock) -> str:
    """That the air changes machines: who takes it has agreed on its first segment, and not yet released it."""
    air = read_air(folders)
    if standing.role is Role.STANDBY or air is None or air.role is Role.STANDBY:
        return told(standing, clock)
    return (f"This machine takes the air from segment {air.begins} on (generation {air.generation}). Viewers get it "
            "once it is made and the release delay is over; until then the other goes on.")


def _standing(notes: Notes) -> Standing:
    standing = notes.read(Standing)
    if standing is None:
        raise NoSecondMachine
    return standing


def _change(given: dict[str, str | None], before: Role, after: Role) -> None:
    clock = SystemClock()
    folders = Folders.beneath(Settings.read(given).data)
    notes = Notes(folders)
    if _standing(notes).role is not before:
        click.echo("Nothing to do: " + told(_standing(notes), clock))
        return
    notes.leave(Wish("command line", clock.now()))
    give_up_at = clock.monotonic() + TAKING_SECONDS
    while clock.monotonic() < give_up_at:
        if _standing(notes).role is after:
            click.echo(changed(folders, _standing(notes), clock))
            return
        clock.sleep(LOOK_EVERY)
    raise click.ClickException(f"The air did not change machines within {TAKING_SECONDS:.0f} s. "
                               "See what both machines say in their terminals, and try again.")
