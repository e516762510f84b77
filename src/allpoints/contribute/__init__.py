"""Things come in: files, stills and live publishers, all turned into sources that look alike."""

from allpoints.contribute.convert import conversion_of, convert
from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.ingest import serve_ingest, stream_keys
from allpoints.contribute.ingest_status import IngestStatus, read_status
from allpoints.contribute.probe import probe
from allpoints.contribute.refusals import REFUSALS
from allpoints.contribute.source import DeskRow, Feed, Moment, SourceState, SourceStatus

__all__ = [
    "REFUSALS", "DeskRow", "Feed", "IngestStatus", "Moment", "SourceDesk", "SourceState", "SourceStatus",
    "conversion_of", "convert", "probe", "read_status", "serve_ingest", "stream_keys",
]
