"""What the operator reads in the terminal."""

from __future__ import annotations

from collections.abc import Callable

import click

from allpoints.kernel.clock import Clock


def teller(clock: Clock) -> Callable[[str, str], None]:
    """Prints one line: the local time, who, and what happened."""

    def say(who: str, what: str) -> None:
        click.echo(f"{clock.now().astimezone():%H:%M:%S}  {who:<9}  {what}")

    return say
