"""A healthy gathering in one snapshot, and the same with something wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from allpoints.contribute.ingest_status import IngestStatus, Publisher
from allpoints.web.health.snapshot import Process, Rendition, Snapshot, Space
from tests.stand_ins.fake_stage import report

NOW = datetime(2031, 5, 2, 9, tzinfo=UTC)


def healthy() -> Snapshot:
    """Everything is as it should be."""
    return Snapshot(
        at=NOW,
        report=report(NOW),
        silent_s=0.1,
        ingest=IngestStatus(NOW, {"harbour-live": Publisher(NOW, 2_400, 1)}, wrong_keys=4),
        renditions=[Rendition("a64", 1000, 1.2, 0), Rendition("v720", 1000, 0.8, 0)],
        processes=[Process("stage", 101, 1, 60, 1024, 300_000_000), Process("web", 102, 2, 30, 1024, 90_000_000)],
        disk=Space(50_000_000_000, 100_000_000_000),
        memory=Space(500_000_000, 1_000_000_000),
    )


def with_report(**parts: dict[str, Any]) -> Snapshot:
    """Healthy but for the fields of the named parts of the stage's report."""
    snapshot = healthy()
    assert snapshot.report is not None
    changed = {name: replace(getattr(snapshot.report, name), **fields) for name, fields in parts.items()}
    return replace(snapshot, report=replace(snapshot.report, **changed))
