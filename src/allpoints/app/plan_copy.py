"""The stage's own copy of the plan, so that a database that is gone does not keep the stage off air."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from allpoints.kernel.files import write_atomically
from allpoints.schedule.model import Gathering


def plan_or_copy(load: Callable[[], Gathering], copy: Path, on_trouble: Callable[[str], None]) -> Gathering:
    """The gathering from the database, remembered in ``copy``; where ``load`` fails, what was remembered.

    Raises what ``load`` raised where there is no copy either: then nothing was ever planned here.
    """
    try:
        gathering = load()
    except Exception as trouble:  # whatever ails the database, the audience need not know
        try:
            remembered = copy.read_bytes()
        except FileNotFoundError:
            raise trouble from None
        on_trouble(f"the database does not answer ({trouble}); going on air with the plan as it last was")
        return msgspec.json.decode(remembered, type=Gathering, dec_hook=_from_text)
    try:
        write_atomically(copy, msgspec.json.encode(gathering, enc_hook=str))
    except OSError as trouble:  # a full disk: the copy of an earlier start is still there
        on_trouble(f"the plan could not be copied ({trouble.strerror}); make room in {copy.parent}")
    return gathering


def _from_text(kind: type, text: Any) -> Any:
    if kind is Path:
        return Path(text)
    raise NotImplementedError(kind)
