"""Keeps the folders of a machine that stands by as if its own stage had just been killed.

It copies what is released and nothing else: what the other machine still holds back is its secret, and a DUMP there
could not reach it here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.publish.dumps import adopt_decisions
from allpoints.publish.ladder import UnitName
from allpoints.publish.peer import JOURNAL_PIECE, Peer, PeerRefuses, PeerSilent, PeerState
from allpoints.publish.shelf import write_runs

_RENDITION = re.compile(r"[a-z][a-z0-9]{0,15}", re.ASCII)
_INIT = re.compile(r"init-[0-9a-f]{8}\.mp4", re.ASCII)


class Follower:
    """One thread that copies; ``tell`` hands it the newest state of the peer, ``on_copied`` hears of new files.

    While ``leads`` is True this machine is on air already and only still takes what the other has yet to release: the
    journal and the runs are then its own.
    """

    def __init__(
        self, peer: Peer, folders: Folders, on_trouble: Callable[[str], None], on_copied: Callable[[], None]
    ) -> None:
        self._peer = peer
        self._folders = folders
        self._on_trouble = on_trouble
        self._on_copied = on_copied
        self._newest: PeerState | None = None
        self._told = threading.Condition()
        self._working = threading.Lock()
        self._stopping = False
        self._journal_of: int | None = None
        self._said = ""
        self._thread = threading.Thread(target=self._run, name="follow the peer", daemon=True)
        self.leads = False
        self.copied: PeerState | None = None

    def start(self) -> None:
        """Empty what no longer counts, and begin to copy."""
        for path in (*self._folders.held.glob("*/*"), *self._folders.public.glob("**/*.m3u8")):
            path.unlink(missing_ok=True)
        self._thread.start()

    def stop(self) -> None:
        """Copy no more."""
        with self._told:
            self._stopping = True
            self._told.notify()

    def tell(self, state: PeerState) -> None:
        """The peer's newest state. Any thread."""
        with self._told:
            self._newest = state
            self._told.notify()

    def lead(self) -> None:
        """From now on this machine is on air; when this returns, nothing here writes journal, runs and playlists."""
        with self._working:
            self.leads = True

    def _run(self) -> None:
        while True:
            with self._told:
                self._told.wait_for(lambda: self._newest or self._stopping)
                if self._stopping:
                    return
                state, self._newest = self._newest, None
            assert state is not None
            try:
                self._copy(state)
                self._said = ""
            except (PeerSilent, PeerRefuses):
                continue  # whoever hears the peer says so
            except (OSError, AllpointsError) as trouble:
                if self._said != str(trouble):
                    self._said = str(trouble)
                    self._on_trouble(f"cannot follow the machine on air: {trouble}")

    def _copy(self, state: PeerState) -> None:
        adopt_decisions(self._folders, state.dumps, now_tick=state.tick)
        if not self.leads:
            self._copy_journal(state)
        anything = False
        for rendition, names in state.files.items():
            if _RENDITION.fullmatch(rendition):
                anything |= self._copy_rendition(rendition, names)
        playlists = {} if self.leads else self._playlists(state, anything)
        with self._working:
            if not self.leads:
                write_runs(self._folders, state.runs)
                for name, content in playlists.items():
                    write_atomically(self._folders.public / name, content)
                self._forget(state)
            elif anything:
                self._on_copied()
        self.copied = state

    def _copy_rendition(self, rendition: str, names: Iterable[str]) -> bool:
        """Fetch what is missing here. A name that is here already has the same content."""
        shelf, anything = self._folders.public / rendition, False
        shelf.mkdir(exist_ok=True)
        for name in names:
            if not (_INIT.fullmatch(name) or UnitName.read(name)) or (shelf / name).exists():
                continue
            if (content := self._peer.released(f"{rendition}/{name}")) is not None:
                write_atomically(shelf / name, content)
                anything = True
        return anything

    def _playlists(self, state: PeerState, anything: bool) -> dict[str, bytes]:
        """For the pages, which tell from them whether the stream moves and what there is of it."""
        public, found = self._folders.public, {}
        wanted = [f"{rendition}/index.m3u8" for rendition in state.files if _RENDITION.fullmatch(rendition)]
        for name in (*wanted, "master.m3u8", "master-ll.m3u8"):
            if anything or not (public / name).exists():
                content = self._peer.released(name)
                if content is not None:
                    found[name] = content
        return found

    def _forget(self, state: PeerState) -> None:
        """Delete what the peer has deleted, and parts of an earlier time on air."""
        for rendition, names in state.files.items():
            units = [unit.slot.segment for name in names if (unit := UnitName.read(name))]
            oldest = min(units, default=0)
            for path in self._folders.public.glob(f"{rendition}/*.m4s"):
                unit = UnitName.read(path.name)
                if unit is None or unit.slot.segment < oldest:
                    path.unlink(missing_ok=True)

    def _copy_journal(self, state: PeerState) -> None:
        """Append whole lines only; where the journals part, ours is put aside and theirs begun anew."""
        path = self._folders.journal
        size = path.stat().st_size if path.exists() else 0
        if self._journal_of != state.air.generation:
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if size else None
            if self._peer.journal(size, digest) is None:
                with self._working:
                    if self.leads:
                        return
                    put_aside(path)
                size = 0
            self._journal_of = state.air.generation
        while size < state.journal:
            piece = self._peer.journal(size)
            lines = (piece or b"")[: (piece or b"").rfind(b"\n") + 1]
            if not lines:
                return
            with self._working:
                if self.leads:
                    return
                _append(path, lines)
            size += len(lines)
            if len(piece or b"") < JOURNAL_PIECE:
                return


def put_aside(journal: Path) -> None:
    """Keep a journal of which the other machine knows nothing, under another name: it tells what some viewers saw."""
    number = 1
    while (aside := journal.with_name(f"{journal.stem}-aside-{number}{journal.suffix}")).exists():
        number += 1
    with contextlib.suppress(FileNotFoundError):
        journal.rename(aside)


def _append(path: Path, lines: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
