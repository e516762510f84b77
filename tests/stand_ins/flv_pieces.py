"""Live streams of FLV made by hand: a key picture every second, ten pictures and ten sounds a second."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from allpoints.contribute.recording.pieces import piece_name
from allpoints.contribute.rtmp.chunks import AUDIO, VIDEO
from allpoints.contribute.rtmp.flv import file_header, tag
from tests.stand_ins.rtmp import DELTA, HEADER, KEY

SOUND_HEADER, SOUND = b"\xaf\x00\x12\x10", b"\xaf\x01sound"


def set_up() -> bytes:
    """What every connection begins with."""
    return file_header(sound=True, picture=True) + tag(VIDEO, 0, HEADER) + tag(AUDIO, 0, SOUND_HEADER)


def stream(first_ms: int, last_ms: int) -> Iterator[bytes]:
    """Tags from one time to before another."""
    for at in range(first_ms, last_ms, 100):
        yield tag(VIDEO, at, KEY if at % 1000 == 0 else DELTA)
        yield tag(AUDIO, at, SOUND)


def write_piece(folder: Path, began_at: datetime, tick: int, seconds: int = 10, first_ms: int = 0) -> Path:
    """A whole piece of so many seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / piece_name(began_at, tick)
    path.write_bytes(set_up() + b"".join(stream(first_ms, first_ms + seconds * 1000)))
    written = began_at.timestamp() + seconds
    os.utime(path, (written, written))
    return path
