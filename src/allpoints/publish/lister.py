"""Writes every playlist: of each rendition as it is released, and the multivariant ones over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from allpoints.kernel.files import write_atomically
from allpoints.kernel.folders import Folders
from allpoints.kernel.timeline import Timeline
from allpoints.publish.ladder import Ladder
from allpoints.publish.long_segments import LongShelf, low_master_playlist
from allpoints.publish.playlists import Run, master_playlist, media_playlist
from allpoints.publish.shelf import RungShelf
from allpoints.publish.window import Keeper


class Lister:
    """Belongs to the release thread. ``codecs`` by rung name; ``language`` is what the sound is labelled with."""

    def __init__(
        self,
        folders: Folders,
        ladder: Ladder,
        codecs: Mapping[str, str],
        shelves: Mapping[str, RungShelf],
        runs: Sequence[Run],
        keeper: Keeper,
        timeline: Timeline,
        *,
        generation: int,
        language: str,
        low_latency: bool,
        retention_segments: int,
    ) -> None:
        self._folders = folders
        self._ladder = ladder
        self._codecs = codecs
        self._shelves = shelves
        self._runs = runs
        self._keeper = keeper
        self._timeline = timeline
        self._language = language
        self._low_latency = low_latency
        self._retention = retention_segments
        self._long = {
            name: LongShelf(shelf, timeline, generation, retention_segments)
            for name, shelf in shelves.items() if shelf.rung.has_long
        }

    def start(self) -> None:
        """Take over the long segments that are there, and write what lies above all renditions."""
        for long in self._long.values():
            long.adopt()
        self._write("master.m3u8", master_playlist(self._ladder, self._codecs, self._language))
        if self._long:
            self._write("master-low.m3u8", low_master_playlist(self._ladder, self._codecs, self._language))
        low_latency = self._folders.public / "master-ll.m3u8"
        if self._low_latency:
            text = master_playlist(self._ladder, self._codecs, self._language, low_latency=True)
            self._write(low_latency.name, text)
        else:
            low_latency.unlink(missing_ok=True)

    def write(self, name: str) -> None:
        """Write a rendition's playlists as things stand, after what is too old has gone."""
        shelf = self._shelves[name]
        shelved = shelf.shelved()
        self._keeper.follow(shelf)
        is_served = shelf.public.parent == self._folders.public
        if shelved.segments and is_served:
            self._write(f"{name}/index.m3u8", media_playlist(
                shelf.rung, shelved, self._runs, self._timeline, retention_segments=self._retention,
                not_before=self._keeper.first_listed,
            ))
        if shelf.parted:
            others = [other for other, each in self._shelves.items() if each.parted and other != name]
            self._write(f"{name}/ll.m3u8", media_playlist(
                shelf.rung, shelved, self._runs, self._timeline, retention_segments=self._retention,
                low_latency=True, others=others, not_before=self._keeper.first_listed,
            ))
        if long := self._long.get(name):
            with suppress(OSError):  # what can be done without harms nothing else; the next release tries again
                long.follow(self._keeper)

    def _write(self, name: str, text: str) -> None:
        write_atomically(self._folders.public / name, text.encode())
