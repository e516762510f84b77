"""Bakes the commit into what is built, so that ``allpoints --version`` names it where there is no repository."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

APP = Path("src/allpoints/app")


class CommitHook(BuildHookInterface[Any]):
    """Adds ``allpoints/app/commit.txt``. It is written elsewhere: building leaves the checkout as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds."""
        app = Path(self.root) / APP
        if version == "editable":  # runs from the checkout
            return
        baked = app / "commit.txt"  # an sdist has it
        if not baked.exists():
            commit: str | None = runpy.run_path(str(app / "commit.py"))["commit_of"](Path(self.root))
            if commit is None:
                return
            self._scratch = tempfile.TemporaryDirectory()  # goes with the hook
            baked = Path(self._scratch.name) / baked.name
            baked.write_text(commit)
        within = APP.relative_to("src") if self.target_name == "wheel" else APP
        build_data["force_include"][str(baked)] = str(within / baked.name)
