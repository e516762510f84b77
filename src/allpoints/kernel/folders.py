"""Where everything lies on the disk and in memory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The folders of one running gathering.

    ``data`` is durable (database, journal, media, secrets). ``memory`` is memory-backed where the machine allows
    (``/dev/shm``), so that a full or slow disk never stops the stream; it survives the death of any process, not
    that of the machine.
    """

    data: Path
    memory: Path

    @classmethod
    def beneath(cls, data: Path, parent: Path | None = None) -> Folders:
        """The folders for the data folder ``data``; their memory folder's name is derived from its path.

        ``parent``, or else ``ALLPOINTS_MEMORY``, names another parent for the memory folder.
        """
        data = data.resolve()
        parent = parent or Path(os.environ.get("ALLPOINTS_MEMORY", "/dev/shm"))  # noqa: S108 - tmpfs on every Linux
        name = "allpoints-" + hashlib.sha256(str(data).encode()).hexdigest()[:10]
        if not os.access(parent, os.W_OK):
            parent = data
        return cls(data=data, memory=parent / name)

    @property
    def database(self) -> Path:
        """The SQLite file (the embedded default)."""
        return self.data / "allpoints.sqlite3"

    @property
    def journal(self) -> Path:
        """The stage's journal: what aired."""
        return self.data / "journal" / "stage.jsonl"

    @property
    def log(self) -> Path:
        """What happened, one file a process."""
        return self.data / "log"

    @property
    def media(self) -> Path:
        """Prepared clips, stills and conversions."""
        return self.data / "media"

    @property
    def secrets(self) -> Path:
        """Keys and the hash of the first-run secret; readable by the owner only."""
        return self.data / "secrets"

    @property
    def public(self) -> Path:
        """Released media and playlists: exactly what the origin serves under ``/live/``."""
        return self.memory / "public"

    @property
    def held(self) -> Path:
        """Media inside the release delay: never served."""
        return self.memory / "held"

    @property
    def unserved(self) -> Path:
        """Released media that nobody serves: the program without graphics, for its recording."""
        return self.memory / "unserved"

    @property
    def recordings(self) -> Path:
        """What was recorded: ``program``, ``clean``, and ``sources`` with a folder for each."""
        return self.data / "recordings"

    @property
    def sockets(self) -> Path:
        """Unix sockets between the processes."""
        return self.memory / "sockets"

    @property
    def pictures(self) -> Path:
        """Small JPEG pictures for the control page: program, preview, sources. Staff only."""
        return self.memory / "pictures"

    @property
    def processes(self) -> Path:
        """What the supervisor knows of its processes."""
        return self.memory / "processes.json"

    @property
    def clock_shift(self) -> Path:
        """What shifts the clock of the demo's processes; there only while a fault lasts."""
        return self.memory / "clock-shift"

    @property
    def kept(self) -> Path:
        """Results that spare a process that starts again some work."""
        return self.memory / "kept"

    def make(self) -> None:
        """Create them all, private to this user."""
        for folder in (
            self.data, self.journal.parent, self.log, self.media, self.secrets, self.recordings,
            self.memory, self.public, self.held, self.unserved, self.sockets, self.pictures,
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
