"""The project's own files, as the rules of the house look at them."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """The committed and not ignored files beneath ``root``."""

    root: Path

    @cached_property
    def files(self) -> list[Path]:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=self.root, capture_output=True, check=True,
        )
        return [path for name in listed.stdout.decode().split("\0") if name and (path := self.root / name).is_file()]

    def beneath(self, folder: str, *suffixes: str) -> list[Path]:
        return [path for path in self.files if path.is_relative_to(self.root / folder) and path.suffix in suffixes]

    @cached_property
    def modules(self) -> dict[Path, ast.Module]:
        """The syntax tree of every module of the package."""
        return {path: ast.parse(path.read_text()) for path in self.beneath("src/allpoints", ".py")}

    @cached_property
    def pages(self) -> list[Path]:
        """What people read: README and its like, and docs/."""
        return [path for path in self.files if path.suffix == ".md" and path.name != "LICENSE"]

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()
