"""Writes the generated pages of docs/reference: ``python -m allpoints.app.reference``. A test compares them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from allpoints.app.command_line import main
from allpoints.app.options import described
from allpoints.kernel.settings import SETTINGS
from allpoints.web.health.rules import RULES

WRITTEN = "<!-- Written by `make reference`. -->\n"


def settings_page() -> str:
    """The page of all settings."""
    rows = "\n".join(
        f"| `{s.option}` | `{s.variable}` | `{s.default}` | {described(s)}"
        + (f" One of {', '.join(f'`{choice}`' for choice in s.choices)}." if s.choices else "")
        + (" `on` or `off`." if s.kind is bool else "") + " |"
        for s in SETTINGS
    )
    return (
        f"# Settings\n\n{WRITTEN}\n"
        "Each setting is an option of `allpoints serve` and of every command that says so, or a variable of\n"
        "the environment; the option wins. They are read at the start.\n\n"
        f"| Option | Variable | Default | What it does |\n|---|---|---|---|\n{rows}\n\n"
        "`ALLPOINTS_MEMORY` names the folder in which the memory folder is made; without it that is `/dev/shm`,\n"
        "see [the decision](../decisions/memory-folder.md).\n"
    )


def commands_page() -> str:
    """The page of all commands, with those of their options that are not settings."""
    return f"# Commands\n\n{WRITTEN}\n" + "\n".join(_sections()) + (
        "\nExit codes: 0 done; 1 something was found wrong (`check`, `doctor`, `drill`); 2 refused, and a sentence "
        "says why.\n"
    )


def alarms_page() -> str:
    """The page of all alarms."""
    rows = "\n".join(
        f"| `{rule.code}` | {rule.severity} | {rule.owner} | {rule.raise_after:g} s, {rule.clear_after:g} s "
        f"| {rule.sentence} | {rule.next_step} |"
        for rule in RULES
    )
    return (
        f"# Alarms\n\n{WRITTEN}\n"
        "Each has an owner, who does something about it, and says what. *Urgent*: the audience notices, or is about\n"
        "to. A condition must last before it is raised, and be gone for a while before it is cleared; where the\n"
        "sentence names a time itself, that comes before. See [how to watch over it](../how-to/watch-over-it.md).\n\n"
        "| Code | Severity | Owner | Raised, cleared after | Says | What to do |\n|---|---|---|---|---|---|\n"
        f"{rows}\n"
    )


def _commands(group: click.Group, context: click.Context, before: str = "") -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, context, f"{before}{name} ")
        else:
            yield before + name, command


def _sections() -> Iterator[str]:
    settings = {setting.option for setting in SETTINGS}
    context = click.Context(main, info_name="allpoints")
    for name, command in _commands(main, context):
        arguments = " ".join(f"[{p.name.upper()}]" if not p.required else p.name.upper()
                             for p in command.params if isinstance(p, click.Argument) and p.name)
        options = [p for p in command.params if isinstance(p, click.Option)]
        own = [p for p in options if p.opts[0] not in settings]
        of_settings = [p.opts[0] for p in options if p.opts[0] in settings]
        yield f"## allpoints {name}{' ' + arguments if arguments else ''}\n\n{_paragraphs(command.help)}\n"
        for option in own:
            is_told = not option.is_flag and isinstance(option.default, str | int | float | Path)
            default = f" Default: `{option.default}`." if is_told else ""
            yield f"- `{option.opts[0]}`: {option.help}{default}"
        if len(of_settings) == len(SETTINGS):
            yield "- and every [setting](settings.md)."
        elif of_settings:
            yield f"- and the setting{'s' * (len(of_settings) > 1)} {', '.join(f'`{o}`' for o in of_settings)}."
        yield ""


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


def write(folder: Path) -> None:
    """Write the pages into ``folder``."""
    (folder / "settings.md").write_text(settings_page())
    (folder / "commands.md").write_text(commands_page())
    (folder / "alarms.md").write_text(alarms_page())


if __name__ == "__main__":
    write(Path("docs/reference"))
