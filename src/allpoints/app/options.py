"""Command-line options made from the table of settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from allpoints.kernel.settings import SETTINGS, Setting


def described(setting: Setting) -> str:
    """The help of a setting with its bounds, in words."""
    if setting.least is not None and setting.most is not None:
        return f"{setting.help} From {setting.least:g} to {setting.most:g}."
    return setting.help


def _metavar(setting: Setting) -> str:
    if setting.choices:
        return "|".join(setting.choices)
    return {bool: "on|off", int: "NUMBER", float: "NUMBER", Path: "FOLDER", str: "TEXT"}[setting.kind]


def settings_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options of the settings ``names``, of all where none is named; each is given on as text or None.

    Texts are parsed by ``Settings.read``, which knows the environment and the defaults too.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for setting in reversed(SETTINGS):
            if names and setting.name not in names:
                continue
            command = click.option(
                setting.option, setting.name, metavar=_metavar(setting),
                help=f"{described(setting)} [default: {setting.default}; environment: {setting.variable}]",
            )(command)
        return command

    return add
