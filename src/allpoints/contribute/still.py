"""Decodes a still picture, in a child, into the shape of all sources."""

from __future__ import annotations

from pathlib import Path

import av

from allpoints.contribute.children import Children
from allpoints.contribute.conform import still_arguments
from allpoints.contribute.demux import Pictured
from allpoints.contribute.facts import STILL_FORMATS
from allpoints.contribute.refusals import MediaBroken, MediaEmpty, MediaMissing, NotMedia


def load_still(path: Path, children: Children) -> av.VideoFrame:
    """The picture in the file at ``path``, fitted. Raises a MediaRefused."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise MediaMissing(name=path.name) from error
    if not head:
        raise MediaEmpty(name=path.name)
    demuxer = next((name for start, name in STILL_FORMATS if head.startswith(start)), None)
    if demuxer is None:
        raise NotMedia(name=path.name)
    child = children.run(still_arguments(path, demuxer))
    try:
        for piece in child.pieces():
            if isinstance(piece, Pictured):
                return piece.picture
    finally:
        child.end()
    raise MediaBroken(name=path.name)
