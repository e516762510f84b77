"""Reads playlists as a player would, tag by tag, knowing nothing of how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Part:
    """One EXT-X-PART."""

    uri: str
    seconds: float
    gap: bool
    independent: bool


@dataclass
class Entry:
    """One media segment, or the parts of the one in progress (``uri`` None)."""

    uri: str | None = None
    seconds: float | None = None
    gap: bool = False
    discontinuity: bool = False
    begins_at: datetime | None = None
    init: str | None = None
    parts: list[Part] = field(default_factory=list)


@dataclass
class Listing:
    """A media playlist."""

    headers: dict[str, str]
    entries: list[Entry]
    hint: str | None
    reports: list[dict[str, str]]

    @property
    def first(self) -> int:
        return int(self.headers["EXT-X-MEDIA-SEQUENCE"])

    @property
    def discontinuities_before(self) -> int:
        return int(self.headers["EXT-X-DISCONTINUITY-SEQUENCE"])

    def discontinuity_numbers(self) -> dict[int, int]:
        """The discontinuity sequence number of each listed media sequence number."""
        numbers, count = {}, self.discontinuities_before
        for sequence, entry in enumerate(self.entries, self.first):
            count += entry.discontinuity
            numbers[sequence] = count
        return numbers


def attributes(text: str) -> dict[str, str]:
    """An attribute list; no value of ours holds a comma."""
    return {name: value.strip('"') for name, value in (pair.split("=", 1) for pair in text.split(","))}


def read(text: str) -> Listing:
    """Parse a media playlist; any line that is not known is an error."""
    lines = iter(text.splitlines())
    assert next(lines) == "#EXTM3U"
    listing, entry = Listing({}, [], None, []), Entry()
    for line in lines:
        tag, _, value = line.removeprefix("#").partition(":")
        match tag:
            case "EXT-X-VERSION" | "EXT-X-TARGETDURATION" | "EXT-X-MEDIA-SEQUENCE" | "EXT-X-DISCONTINUITY-SEQUENCE" \
                    | "EXT-X-INDEPENDENT-SEGMENTS" | "EXT-X-SERVER-CONTROL" | "EXT-X-PART-INF":
                assert not listing.entries
                assert tag not in listing.headers
                listing.headers[tag] = value
            case "EXT-X-DISCONTINUITY":
                entry.discontinuity = True
            case "EXT-X-MAP":
                entry.init = attributes(value)["URI"]
            case "EXT-X-PROGRAM-DATE-TIME":
                entry.begins_at = datetime.fromisoformat(value)
            case "EXT-X-GAP":
                entry.gap = True
            case "EXT-X-PART":
                said = attributes(value)
                entry.parts.append(
                    Part(said["URI"], float(said["DURATION"]), "GAP" in said, "INDEPENDENT" in said)
                )
            case "EXTINF":
                entry.seconds = float(value.rstrip(","))
            case "EXT-X-PRELOAD-HINT":
                assert listing.hint is None
                listing.hint = attributes(value)["URI"]
            case "EXT-X-RENDITION-REPORT":
                listing.reports.append(attributes(value))
            case _:
                assert not line.startswith("#"), line
                entry.uri = line
                listing.entries.append(entry)
                entry = Entry()
    if entry != Entry():
        listing.entries.append(entry)
    return listing
