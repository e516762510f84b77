"""The rules of the house are checked on the project's own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.rules.project import Project


@pytest.fixture(scope="session")
def project() -> Project:
    return Project(Path(__file__).parents[2])
