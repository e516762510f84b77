"""Small gatherings to hold in tests, and a stage and ingest that hold them as real processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from allpoints.kernel.folders import Folders
from allpoints.kernel.storage import open_storage
from allpoints.kernel.timeline import Timeline
from allpoints.schedule.model import Day, Gathering, Item, Localized, Session, SourceKind, SourceRef, SourceSpec
from allpoints.schedule.store import seed_once
from allpoints.stage.protocol import Reply, Request, StageReport, Watch

KEY = "a-key-for-the-harbour"


def a_free_port() -> int:
    """A loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def file_source(ref: str, path: Path, *, loop: bool = True) -> SourceSpec:
    """A file that plays over and over."""
    return SourceSpec(SourceRef(ref), Localized({"en": ref}), SourceKind.FILE, path=path, loop=loop)


def live_source(ref: str, key: str = KEY) -> SourceSpec:
    """An RTMP publisher."""
    return SourceSpec(SourceRef(ref), Localized({"en": ref}), SourceKind.RTMP, stream_key=key)


def guid(name: str) -> str:
    """A lasting identity for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def gathering_of(sources: Sequence[SourceSpec], now: datetime) -> Gathering:
    """One session of ten hours, an item for each source."""
    words = Localized({"en": "Lights in a test"})
    session = Session(
        guid("session"), words, now - timedelta(hours=1), now + timedelta(hours=9), "en",
        items=[Item(guid(source.ref), source.name, source.ref) for source in sources],
    )
    return Gathering(
        slug="test", title=words, tagline=words, languages=["en"], zone="UTC",
        epoch=now.replace(hour=0, minute=0, second=0, microsecond=0),
        days=[Day(now.date(), session.starts_at, session.ends_at, [session])], persons=[], sources=sources,
        slate=Localized({"en": "We will be right back"}),
    )


@dataclass
class OnAir:
    """A running stage and ingest. ``processes`` are those started here, by name."""

    folders: Folders
    timeline: Timeline
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def control(self) -> Path:
        return self.folders.sockets / "stage.sock"

    def start(self, name: str) -> None:
        """Start ``allpoints <name>``."""
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "allpoints", name], env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
        )

    def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        """End all in order."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(self, request: Request) -> Reply:
        """One request over the control socket."""
        with closing(self._connect()) as connection, connection.makefile("rwb") as lines:
            lines.write(msgspec.json.encode(request) + b"\n")
            lines.flush()
            return msgspec.json.decode(lines.readline(), type=Reply)

    def reports(self) -> Iterator[StageReport]:
        """What a watcher hears, until it stops listening."""
        with closing(self._connect()) as connection, connection.makefile("rwb") as lines:
            lines.write(msgspec.json.encode(Watch()) + b"\n")
            lines.flush()
            for line in lines:
                yield msgspec.json.decode(line, type=StageReport)

    def until(self, holds: Callable[[StageReport], bool], seconds: float = 30.0) -> StageReport:
        """The first report for which ``holds``; fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        report = None
        while time.monotonic() < deadline:
            with suppress(ConnectionError):  # the stage may die while it is listened to
                for report in self.reports():
                    if holds(report):
                        return report
                    if time.monotonic() > deadline:
                        break
        raise AssertionError(f"waited {seconds} s in vain; the last report was {report}")

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + 20
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(10)
            try:
                connection.connect(str(self.control))
                return connection
            except OSError:
                connection.close()
                for name, process in self.processes.items():
                    assert process.poll() is None, f"{name} ended with {process.returncode}"
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


@contextmanager
def held_gathering(
    data: Path,
    sources: Sequence[SourceSpec],
    rtmp_port: int,
    processes: Sequence[str] = ("ingest", "stage"),
    **settings: str,
) -> Iterator[OnAir]:
    """Seed a database and run ``allpoints stage`` and ``allpoints ingest``, or ``processes``, on it."""
    folders = Folders.beneath(data)
    folders.make()
    gathering = gathering_of(sources, datetime.now(UTC))
    with closing(open_storage(folders)) as storage:
        seed_once(storage, gathering, datetime.now(UTC))
    environment = {"ALLPOINTS_DATA": str(data), "ALLPOINTS_RTMP_PORT": str(rtmp_port)}
    environment |= {f"ALLPOINTS_{name.upper()}": value for name, value in settings.items()}
    on_air = OnAir(folders, Timeline(gathering.epoch), environment)
    try:
        for name in processes:
            on_air.start(name)
        yield on_air
    finally:
        on_air.stop()
