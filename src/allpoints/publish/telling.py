"""What the other machine is told when it asks: the answering end of ``peer``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from allpoints.kernel.folders import Folders
from allpoints.publish.air import Air
from allpoints.publish.dumps import decisions
from allpoints.publish.ladder import UnitName
from allpoints.publish.peer import JOURNAL_PIECE, PeerState
from allpoints.publish.shelf import read_runs
from allpoints.schedule.model import Gathering


def state_of(
    folders: Folders, air: Air, *, now: datetime, epoch: datetime, plan: str, ladder: str, offered_by: str
) -> PeerState:
    """How this machine stands, from what lies in its folders."""
    files: dict[str, list[str]] = {}
    newest = -1
    for shelf in folders.public.iterdir():
        if not shelf.is_dir():
            continue
        units = [unit for path in shelf.glob("*.m4s") if (unit := UnitName.read(path.name))]
        newest = max([newest, *(unit.slot.segment for unit in units)])
        whole = sorted(unit for unit in units if unit.slot.part is None)
        files[shelf.name] = [path.name for path in shelf.glob("init-*.mp4")] + [unit.file_name for unit in whole]
    journal = folders.journal
    return PeerState(
        air=air, at=now, epoch=epoch, plan=plan, ladder=ladder, runs=read_runs(folders),
        dumps=list(decisions(folders)[0]), journal=journal.stat().st_size if journal.exists() else 0,
        files=files, newest=newest, offered_by=offered_by,
    )


def journal_piece(folders: Folders, begins: int, digest: str | None) -> bytes | None:
    """Up to a megabyte of the journal from an offset; None where what lies before it has not ``digest``, or there is
    less of it."""
    path = folders.journal
    size = path.stat().st_size if path.exists() else 0
    if begins > size:
        return None
    if not size:
        return b""
    with path.open("rb") as file:
        if digest is not None and _digest(lambda: file.read(min(JOURNAL_PIECE, begins - file.tell()))) != digest:
            return None
        file.seek(begins)
        return file.read(JOURNAL_PIECE)


def _digest(read: Callable[[], bytes]) -> str:
    digest = hashlib.sha256()
    while piece := read():
        digest.update(piece)
    return digest.hexdigest()


def plan_digest(gathering: Gathering) -> str:
    """What tells whether two machines have the same plan. The epoch is compared by
    itself, and each has its own media folder."""
    sources = [replace(source, path=source.path and Path(source.path.name)) for source in gathering.sources]
    plan = replace(gathering, epoch=datetime(1, 1, 1, tzinfo=UTC), sources=sources)
    return hashlib.sha256(msgspec.json.encode(plan, enc_hook=str)).hexdigest()[:16]
