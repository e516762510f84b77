"""The commands ``allpoints config``: what other programs of this machine need to be told."""

from __future__ import annotations

from pathlib import Path

import click

from allpoints.app.options import settings_options
from allpoints.kernel.settings import Settings


@click.group()
def config() -> None:
    """Write what other programs of this machine need."""


@config.command()
@click.option("--gathering", type=click.Path(path_type=Path, dir_okay=False), default=Path("gathering.toml"),
              show_default=True, help="The plan to begin with.")
@click.option("--user", default="allpoints", show_default=True, help="Who it runs as and owns the data folder.")
@settings_options()
def systemd(gathering: Path, user: str, **given: str | None) -> None:
    """Print the unit that keeps “serve” running under systemd, with its watchdog."""
    from allpoints.app.systemd_unit import unit

    click.echo(unit(Settings.read(given), gathering, user), nl=False)
