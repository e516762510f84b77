"""Opens files as feeds, each on a desk of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.source import Feed
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec

OPENS = Callable[..., Feed]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders.beneath(tmp_path / "data")
    folders.make()
    return folders


@pytest.fixture
def open_file(folders: Folders) -> Iterator[OPENS]:
    """Opens a feed of a file on a desk of its own."""
    desks = []

    def opening(path: Path, kind: SourceKind = SourceKind.FILE, loop: bool = False) -> Feed:
        spec = SourceSpec(SourceRef("clip"), Localized({"en": path.name}), kind, path, loop=loop)
        desk = SourceDesk([spec], folders, SystemClock())
        desk.start()
        desks.append(desk)
        return desk.open(spec.ref)

    yield opening
    for desk in desks:
        desk.close()
