"""The stage's own copy of the plan, so that a database that is gone does not keep the stage off air."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Gathering


def plan_copy(folders: Folders) -> Path:
    """Where the copy lies."""
    return folders.journal.with_name("plan.json")


def plan_or_copy(load: Callable[[], Gathering], copy: Path, on_trouble: Callable[[str], None]) -> Gathering:
    """The gathering from the database, remembered in ``copy``; where ``load`` fails, what was remembered.

    Raises what ``load`` raised where there is no copy either: then nothing was ever planned here.
    """
    try:
        gathering = load()
    except Exception as trouble:  # whatever ails the database, the audience need not know
        remembered = remembered_plan(copy)
        if remembered is None:
            raise trouble from None
        on_trouble(f"the database does not answer ({trouble}); going on air with the plan as it last was")
        return remembered
    try:
        write_atomically(copy, msgspec.json.encode(gathering, enc_hook=str))
    except OSError as trouble:  # a full disk: the copy of an earlier start is still there
        on_trouble(f"the plan could not be copied ({trouble.strerror}); make room in {copy.parent}")
    return gathering


def remembered_plan(copy: Path) -> Gathering | None:
    """What was last remembered in ``copy``; None where it cannot be read."""
    try:
        return msgspec.json.decode(copy.read_bytes(), type=Gathering, dec_hook=_from_text)
    except (OSError, msgspec.MsgspecError):
        return None


def _from_text(kind: type, text: Any) -> Any:
    if kind is Path:
        return Path(text)
    raise NotImplementedError(kind)
