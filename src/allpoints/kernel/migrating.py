"""Bringing the tables of all rooms up to date. A room keeps its steps in its folder ``migrations``."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config


def upgrade(connection: sa.Connection) -> None:
    """Run every step that has not run yet, in the transaction that ``connection`` is in.

    Raises alembic.util.CommandError if the database has had a step that is not among them.
    """
    with as_file(files("allpoints")) as package:
        command.upgrade(_configuration(package, connection), "heads")


def _configuration(package: Path, connection: sa.Connection) -> Config:
    configuration = Config(attributes={"connection": connection})
    rooms = sorted(folder for folder in package.glob("*/migrations") if folder.parent.name != "kernel")
    options = {
        "script_location": str(package / "kernel" / "migrations"),
        "path_separator": "newline",
        "version_locations": "\n".join(map(str, rooms)),
    }
    for name, value in options.items():
        configuration.set_main_option(name, value.replace("%", "%%"))
    return configuration
