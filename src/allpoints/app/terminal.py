"""What the operator reads in the terminal."""

from __future__ import annotations

from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from allpoints.kernel.clock import Clock
from allpoints.kernel.log import told


class Terminal:
    """Lines of what happens, and bars for long work beneath them. Threads may share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._console = Console(highlight=False, markup=False, soft_wrap=True)

    def say(self, who: str, what: str) -> None:
        """Print one line."""
        with suppress(OSError):  # its output goes into a file on a full disk, or nobody reads it any more
            self._console.print(told(self._clock, who, what))

    def bar(self) -> Progress:
        """A bar for work done in pieces; lines are printed above it. Shown only where there is a terminal."""
        return Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, transient=True, disable=not self._console.is_terminal,
        )
