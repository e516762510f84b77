"""The drill's gathering: a clip that loops, and a speaker who publishes live."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import av
import numpy as np

from allpoints.app.demo.clips import encode
from allpoints.app.demo_live import speaker_child
from allpoints.app.faults.breaker import breaker_child
from allpoints.app.serve import serve
from allpoints.app.supervisor import ChildSpec
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.clock import Clock, SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.kernel.storage import open_storage
from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_SECOND
from allpoints.schedule.gathering_file.sources import new_stream_key
from allpoints.schedule.model import (
    Day,
    Gathering,
    Item,
    Localized,
    Receiver,
    ReceiverRef,
    Session,
    SourceKind,
    SourceRef,
    SourceSpec,
)
from allpoints.schedule.store import seed_once

LAMP, SPEAKER_SOURCE = SourceRef("lamp"), SourceRef("harbour-live")
CLIP_SECONDS = 12
_LONG = timedelta(hours=6)


def clip(folders: Folders, ref: str) -> Path:
    """Where the clip of a source lies."""
    return folders.media / f"{ref}.mp4"


def drill_gathering(folders: Folders, now: datetime) -> Gathering:
    """One long session with an item for each source; ``now`` is aware."""

    def words(text: str) -> Localized:
        return Localized({"en": text})

    def guid(name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    lamp = SourceSpec(LAMP, words("The lamp"), SourceKind.FILE, path=clip(folders, LAMP), loop=True)
    live = SourceSpec(SPEAKER_SOURCE, words("The harbour"), SourceKind.RTMP, stream_key=new_stream_key())
    items = [Item(guid(source.ref), source.name, source.ref, duration=_LONG) for source in (lamp, live)]
    nobody = Receiver(ReceiverRef("nobody"), words("Nobody"), url="rtmp://127.0.0.1:9/live")  # so that it has work
    start = now - timedelta(hours=1)
    session = Session(guid("drill"), words("Drill"), start, start + 2 * _LONG, "en", items=items)
    return Gathering(
        slug="drill", title=words("Keepers’ drill"), tagline=words("Every light answers"), languages=["en"],
        zone="UTC",
        epoch=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1),
        days=[Day(start.date(), session.starts_at, session.ends_at, [session])], persons=[], sources=[lamp, live],
        slate=words("We will be right back"), receivers=[nobody],
    )


def make_clips(folders: Folders) -> None:
    """Draw and encode both clips; some seconds of one core."""
    folders.media.mkdir(parents=True, exist_ok=True)
    for ref, hue, tone in ((LAMP, 60, 330.0), (SPEAKER_SOURCE, 170, 440.0)):
        at = np.arange(CLIP_SECONDS * SAMPLE_RATE) / SAMPLE_RATE
        wave = (0.2 * np.sin(2 * np.pi * tone * at)).astype(np.float32)
        encode(clip(folders, ref), _pictures(hue), np.stack([wave, wave], axis=1), quality=28)


def _pictures(hue: int) -> Iterator[av.VideoFrame]:
    """A bright bar that sweeps over a plain ground, as a beam does."""
    ground = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    ground[:HEIGHT] = 50
    ground[HEIGHT:HEIGHT * 5 // 4] = hue
    for number in range(CLIP_SECONDS * TICKS_PER_SECOND):
        planes = ground.copy()
        left = number * 8 % WIDTH
        planes[:HEIGHT, left:left + 80] = 220
        yield av.VideoFrame.from_ndarray(planes, format="yuv420p")


def hold(settings: Settings, clock: Clock, *, with_panel: bool) -> int:
    """Be the supervisor of the drill's gathering; its clips must lie there. Returns the exit code."""

    def seed(folders: Folders) -> None:
        storage = open_storage(folders)
        seed_once(storage, drill_gathering(folders, clock.now()), clock.now())
        storage.close()

    def extra(folders: Folders, gathering: Gathering) -> list[ChildSpec]:
        key = next(source.stream_key or "" for source in gathering.sources if source.ref == SPEAKER_SOURCE)
        speaker = speaker_child(settings, clip(folders, SPEAKER_SOURCE), key)
        return [speaker, breaker_child()] if with_panel else [speaker]

    def say(who: str, what: str) -> None:
        print(f"{who}: {what}", flush=True)

    return serve(settings, clock, say, seed=seed, extra=extra, is_demo=True)


if __name__ == "__main__":
    sys.exit(hold(Settings.read(), SystemClock(), with_panel="panel" in sys.argv))
