"""One side of ``bench/stage``: the whole stage on air, playing one file for ever. Ends with its standard input."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from allpoints.app.stage_process import StageProcess
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.log import Log
from allpoints.kernel.settings import Settings
from allpoints.schedule.model import Day, Gathering, Item, Localized, Session, SourceKind, SourceRef, SourceSpec


def one_item_gathering(clip: Path, now: datetime) -> Gathering:
    """A gathering that is nothing but ``clip`` in a loop."""
    words = Localized({"en": "Bench"})
    item = Item(str(uuid4()), words, SourceRef("clip"))
    session = Session(str(uuid4()), words, now, now + timedelta(hours=1), "en", items=[item])
    return Gathering(
        slug="bench", title=words, tagline=words, languages=["en"], zone="UTC",
        epoch=now.replace(hour=0, minute=0, second=0, microsecond=0),
        days=[Day(now.date(), session.starts_at, session.ends_at, [session])], persons=[],
        sources=[SourceSpec(SourceRef("clip"), words, SourceKind.FILE, path=clip, loop=True)], slate=words,
    )


def main() -> None:
    """Arguments: the data folder, the clip, ``on`` or ``off`` for low latency."""
    data, clip, low_latency = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    settings = Settings.read({"data": str(data), "low_latency": low_latency, "release_delay": "0"}, {})
    Folders.beneath(settings.data).make()
    clock = SystemClock()
    log = Log("stage", Folders.beneath(settings.data), clock, lambda _: None)
    process = StageProcess(settings, clock, one_item_gathering(clip, datetime.now(UTC)), log, demo=True)
    process.start()
    print("on air", flush=True)
    sys.stdin.read()
    print(json.dumps({
        "part_latencies_ms": list(process.publisher.part_latencies_ms),
        "tick_lateness_p99_ms": process.stage.lateness.percentile(99),
    }), flush=True)
    process.stop()


if __name__ == "__main__":
    main()
