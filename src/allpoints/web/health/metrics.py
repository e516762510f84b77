"""The snapshot as OpenMetrics. Every scrape makes its families anew: nothing is counted here, nothing remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, StateSetMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from allpoints.contribute.source import SourceState
from allpoints.publish.simulcast.report import State
from allpoints.web.health.alarms import Alarm
from allpoints.web.health.snapshot import Snapshot

CONTENT_TYPE = CONTENT_TYPE_LATEST
TRACK_STATES = ("recording", "waiting", "stopped")

Value = float | int | bool | None
Labelled = Sequence[tuple[Sequence[str], Value]]


@dataclass(frozen=True)
class _Snapshots:
    """What the exposition calls a registry: something to collect from."""

    snapshot: Snapshot
    alarms: Sequence[Alarm]

    def collect(self) -> Iterator[Metric]:
        for group in (_stage, _publication, _ingest, _processes, _places, _others):
            yield from group(self.snapshot)
        found = [((alarm.code, alarm.subject, alarm.rule.severity.value), 1) for alarm in self.alarms]
        yield _gauge("allpoints_alarm", "Alarms that stand.", found, "code", "subject", "severity")


def openmetrics(snapshot: Snapshot, alarms: Sequence[Alarm]) -> bytes:
    """The whole exposition (OpenMetrics 1.0)."""
    exposition: bytes = generate_latest(_Snapshots(snapshot, alarms))  # type: ignore[no-untyped-call]
    return exposition


def _gauge(name: str, help_text: str, values: Value | Labelled, *labels: str, unit: str = "") -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels, unit=unit)
    for at, value in values if isinstance(values, Sequence) else [((), values)]:
        if value is not None:  # what is not known has no sample
            family.add_metric(at, float(value))
    return family


def _counter(name: str, help_text: str, values: Value | Labelled, *labels: str) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=labels)
    for at, value in values if isinstance(values, Sequence) else [((), values)]:
        if value is not None:
            family.add_metric(at, float(value))
    return family


def _states(name: str, help_text: str, label: str, words: Sequence[str], found: Sequence[tuple[str, str]]) -> Metric:
    family = StateSetMetricFamily(name, help_text, labels=[label])
    for subject, state in found:
        family.add_metric([subject], {word: word == state for word in words})
    return family


def _stage(snapshot: Snapshot) -> Iterator[Metric]:
    report = snapshot.report
    yield _gauge("allpoints_stage_up", "Whether the stage answers.", report is not None)
    if report is None:
        return
    health = report.health
    yield _gauge("allpoints_stage_tick", "Tick that the stage is at; 25 a second.", report.tick)
    yield _gauge("allpoints_stage_tick_lateness_seconds", "How late ticks began, of the last 1,000.",
                 [(("0.5",), health.late_p50_ms / 1000), (("0.99",), health.late_p99_ms / 1000)], "quantile",
                 unit="seconds")
    yield _gauge("allpoints_stage_clock_step_seconds", "How far the wall clock was stepped since the stage started.",
                 health.clock_step_ms / 1000, unit="seconds")
    yield _gauge("allpoints_journal_lagging", "Whether the journal waits for the disk.", health.journal_lagging)
    yield _gauge("allpoints_journal_waiting_lines", "Lines of the journal that wait.", health.journal_waiting)
    yield _counter("allpoints_journal_lost_lines", "Lines of the journal that were given up.", health.journal_lost)
    yield _gauge("allpoints_program_on_slate", "Whether program is the slate.", report.on_air.on_slate)
    for what, lasting_ms in (("black", health.black_ms), ("frozen", health.frozen_ms), ("silent", health.silent_ms)):
        yield _gauge(f"allpoints_program_{what}_seconds", f"For how long program has been {what}.",
                     lasting_ms / 1000, unit="seconds")
    yield _states("allpoints_source_state", "What each source does.", "source",
                  [state.value for state in SourceState], [(each.ref, each.state) for each in report.sources])


def _publication(snapshot: Snapshot) -> Iterator[Metric]:
    out = snapshot.report.publication if snapshot.report else None
    if out is not None:
        yield _counter("allpoints_segments_released", "Segments released by the stage since it started.",
                       out.segments_released)
        yield _counter("allpoints_segments_missing", "Segments left out since the stage started.", out.holes)
        yield _gauge("allpoints_encoder_backlog_ticks", "How far the slowest encoder is behind.", out.backlog_ticks)
        yield _gauge("allpoints_release_delay_seconds", "Seconds between program and publication.",
                     out.release_delay_ms / 1000, unit="seconds")
    if out is not None and out.released_at is not None:
        yield _gauge("allpoints_released_tick_age_seconds", "How old the newest released tick is.",
                     (snapshot.at - out.released_at).total_seconds(), unit="seconds")
    yield _gauge("allpoints_rendition_age_seconds", "Since when a rendition's playlist has not changed.",
                 [((each.name,), each.age_s) for each in snapshot.renditions], "rendition", unit="seconds")
    yield _gauge("allpoints_rendition_missing_segments", "Gaps in a rendition's playlist.",
                 [((each.name,), each.missing) for each in snapshot.renditions], "rendition")
    yield _counter("allpoints_dumps", "Decisions to dump that this memory folder knows of.", snapshot.dumps)


def _ingest(snapshot: Snapshot) -> Iterator[Metric]:
    ingest = snapshot.ingest
    yield _gauge("allpoints_ingest_up", "Whether the ingest answers.", ingest is not None)
    if ingest is None:
        return
    yield _gauge("allpoints_ingest_bits_per_second", "What a publisher sends.",
                 [((ref,), each.kbit_s * 1000) for ref, each in ingest.publishers.items()], "source")
    yield _counter("allpoints_ingest_clock_jumps", "Jumps of a publisher's clock that were put right.",
                   [((ref,), each.jumps) for ref, each in ingest.publishers.items()], "source")
    yield _counter("allpoints_ingest_wrong_keys", "Publishers turned away for their key.", ingest.wrong_keys)


def _processes(snapshot: Snapshot) -> Iterator[Metric]:
    known = snapshot.processes
    yield _gauge("allpoints_process_up", "Whether a process runs.",
                 [((each.name,), each.pid is not None) for each in known], "process")
    yield _counter("allpoints_process_starts", "Starts of a process by its supervisor.",
                   [((each.name,), each.starts) for each in known], "process")
    yield _gauge("allpoints_process_open_descriptors", "Files and connections that a process has open.",
                 [((each.name,), each.descriptors) for each in known], "process")
    yield _gauge("allpoints_process_descriptor_limit", "How many it may have.",
                 [((each.name,), each.descriptor_limit) for each in known], "process")
    yield _gauge("allpoints_process_resident_bytes", "Memory that a process takes.",
                 [((each.name,), each.resident_bytes) for each in known], "process", unit="bytes")


def _places(snapshot: Snapshot) -> Iterator[Metric]:
    for what, space in (("disk", snapshot.disk), ("memory_folder", snapshot.memory)):
        yield _gauge(f"allpoints_{what}_free_bytes", "Room that is left.", space.free_bytes, unit="bytes")
        yield _gauge(f"allpoints_{what}_size_bytes", "Room that there is.", space.total_bytes, unit="bytes")


def _others(snapshot: Snapshot) -> Iterator[Metric]:
    if recording := snapshot.recording:
        yield _states("allpoints_recording_state", "What is recorded.", "track", TRACK_STATES,
                      [(track.what, track.state) for track in recording.tracks])
        yield _gauge("allpoints_recording_bytes_per_second", "What the recorder writes.",
                     recording.bytes_per_second)
        yield _gauge("allpoints_recording_left_seconds", "Until the disk is full at this rate.",
                     recording.seconds_left, unit="seconds")
    if simulcast := snapshot.simulcast:
        them = simulcast.receivers
        yield _states("allpoints_receiver_state", "What each outside receiver does.", "receiver", get_args(State),
                      [(each.receiver, each.state) for each in them])
        yield _counter("allpoints_receiver_bytes", "What a receiver took.",
                       [((each.receiver,), each.bytes) for each in them], "receiver")
        yield _counter("allpoints_receiver_retries", "How often a receiver was called again.",
                       [((each.receiver,), each.retries) for each in them], "receiver")
        yield _counter("allpoints_receiver_dropped_segments", "Segments it was not sent, because it was slow.",
                       [((each.receiver,), each.dropped) for each in them], "receiver")
    if standby := snapshot.standby:
        yield _gauge("allpoints_peer_reachable", "Whether the other stage answers.", standby.is_peer_heard)
