"""What the operator reads of a drill: a table that fills, and the sum at the end."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from allpoints.app.drill.drill import Report
from allpoints.app.drill.grading import Grade, Graded
from allpoints.app.faults.fault import Fault
from allpoints.app.faults.sight import Seen

_FIGURES = ("new part", "hole", "still", "as before")
_COLOURS = {Grade.OK: "green", Grade.DEGRADED: "yellow", Grade.FAIL: "bold red", Grade.SKIPPED: "dim"}


class Telling:
    """Shows a drill while it runs; nothing at all with ``silent``, plain lines where there is no terminal."""

    def __init__(self, *, silent: bool = False) -> None:
        self._console = Console(highlight=False, quiet=silent)
        self._rows: list[Graded] = []
        self._now: Fault | None = None
        self._said = ""
        self._live = Live(self._table(), console=self._console, refresh_per_second=4) \
            if self._console.is_terminal and not silent else None

    def __enter__(self) -> Telling:
        self._console.print("The drill holds a gathering of its own; the first fault comes in about half a minute.")
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def begin(self, fault: Fault) -> None:
        """A fault comes next."""
        self._now, self._said = fault, ""
        self._show()

    def hear(self, seen: Seen) -> None:
        """Something happened."""
        self._said = seen.message.format(who=seen.who, **seen.values)
        self._show()

    def end(self, row: Graded) -> None:
        """A fault is graded."""
        self._now = None
        self._rows.append(row)
        if self._live is None:
            line = f"{row.grade.value:<8}  {row.code:<19} {figures(row)}"
            self._console.print(Text(line), soft_wrap=True)
        self._show()

    def sum_up(self, report: Report) -> None:
        """The last lines."""
        counts = {grade: sum(row.grade is grade for row in report.faults) for grade in Grade}
        told = ", ".join(f"{count} {grade.value}" for grade, count in counts.items() if count)
        self._console.print(f"{len(report.faults)} faults in {report.seconds:.0f} s: {told}.")
        self._console.print(f"Watched by {report.watcher}.")
        for row in report.faults:
            for reason in row.reasons if row.grade is Grade.FAIL else []:
                self._console.print(Text(f"  {row.code}: {reason}"))

    def _show(self) -> None:
        if self._live is not None:
            self._live.update(self._table())

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for heading in ("", "fault", *_FIGURES, ""):
            table.add_column(heading, justify="right" if heading in _FIGURES else "left")
        for row in self._rows:
            words = Text(row.verdict(), style="dim")
            seconds = ["–" if value is None else f"{value:.1f} s" for value in (row.new_part, row.still, row.back)]
            shown = row.grade is not Grade.SKIPPED
            table.add_row(
                Text(row.grade.value, style=_COLOURS[row.grade]), row.title, seconds[0] if shown else "",
                str(row.hole) if shown else "", seconds[1] if shown else "", seconds[2] if shown else "", words,
            )
        if self._now is not None:
            table.add_row(Spinner("dots"), self._now.title, "", "", "", "", Text(self._said, style="dim"))
        return table


def figures(row: Graded) -> str:
    """The figures of one fault as a line of text."""
    if row.grade is Grade.SKIPPED:
        return row.reasons[0]
    back = "never as before" if row.back is None else f"as before after {row.back:.1f} s"
    slate = ", slate meanwhile" if row.slate else ""
    return f"new part {row.new_part:.1f} s, hole {row.hole}, still {row.still:.1f} s, {back}{slate}"
