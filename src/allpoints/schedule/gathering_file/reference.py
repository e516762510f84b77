"""The reference page of ``gathering.toml``, made from the tables that the reader uses."""

from __future__ import annotations

from collections.abc import Iterator

from allpoints.schedule.gathering_file import complaints
from allpoints.schedule.gathering_file.complaints import Complaint, Severity
from allpoints.schedule.gathering_file.layout import SECTIONS, Section

_OPENING = """\
# gathering.toml

The file in which a gathering is planned. `allpoints init` writes a good one, `allpoints check` proves it, and the
first `allpoints serve` puts it into the database; from then on the database counts.

It is [TOML](https://toml.io/en/v1.0.0) in UTF-8. A text is either written once, `"Opening"`, or once for each
language, `{ en = "Opening", fa = "گشایش" }`; written once it is in the main language.

Times are local times of the gathering's zone. Where clocks change, a time that does not exist or happens twice is
refused; write it with its offset instead, such as `2030-10-27T01:30:00+01:00` (without quotes).
"""

_PROBLEMS = """
## What can be wrong

All problems are told at once, each with its line. Warnings do not keep the gathering from being used.

| Code | Sentence |
|---|---|
"""


def gathering_reference() -> str:
    """The text of ``docs/reference/gathering-toml.md``."""
    return _OPENING + "".join(map(_section, SECTIONS)) + _PROBLEMS + "".join(_complaints())


def _section(section: Section) -> str:
    title = f"{section.called}: `{section.header}`" if section.header else section.called
    rows = "".join(
        f"| `{key.name}`{' (needed)' if key.required else ''} | {key.kind.value} | {key.help} | `{key.line}` |\n"
        for key in section.keys
    )
    return f"\n## {title}\n\n{section.help}\n\n| Key | Holds | Meaning | Example |\n|---|---|---|---|\n{rows}"


def _complaints() -> Iterator[str]:
    for complaint in vars(complaints).values():
        if isinstance(complaint, Complaint):
            mark = " (warning)" if complaint.severity is Severity.WARNING else ""
            yield f"| `{complaint.code}`{mark} | {complaint.for_people} |\n"
