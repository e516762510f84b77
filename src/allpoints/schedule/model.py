"""The gathering as it is planned: frozen values that every other room reads."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NewType

SourceRef = NewType("SourceRef", str)
"""The short name by which a rundown speaks of a source, such as ``harbour-live``. ``slate`` is always there."""

ReceiverRef = NewType("ReceiverRef", str)
"""The short name of a receiver, such as ``coast-tv``."""


@dataclass(frozen=True)
class Localized:
    """One text in several languages: BCP 47 tag → text, never empty, the gathering's main language first."""

    texts: Mapping[str, str]

    def in_language(self, language: str) -> str:
        """The text in ``language``, else in its base language, else in the first language given."""
        return self.texts[self.nearest(language)]

    def nearest(self, language: str) -> str:
        """The tag of the language that ``in_language`` answers in."""
        return next((tag for tag in (language, language.split("-")[0]) if tag in self.texts), next(iter(self.texts)))


class SourceKind(enum.StrEnum):
    """What a source is made of."""

    FILE = "file"
    STILL = "still"
    RTMP = "rtmp"


@dataclass(frozen=True)
class SourceSpec:
    """A source as planned. ``path`` is for files and stills, resolved against the gathering file's folder;
    ``stream_key`` for RTMP publishers. A looping file starts again at its end."""

    ref: SourceRef
    name: Localized
    kind: SourceKind
    path: Path | None = None
    stream_key: str | None = None
    loop: bool = False


@dataclass(frozen=True)
class Receiver:
    """Somebody outside who is sent the released program: a television station, a platform.

    ``url`` begins with rtmp://, rtmps:// or srt://. ``stream_key`` is a secret of theirs, and so may parts of the
    address be: neither is ever shown or logged. ``rendition`` None: the largest that is made. ``enabled`` is how it
    begins; the crew switches it later.
    """

    ref: ReceiverRef
    name: Localized
    url: str = field(repr=False)
    stream_key: str | None = field(default=None, repr=False)
    rendition: str | None = None
    enabled: bool = True


@dataclass(frozen=True)
class Person:
    """Somebody who speaks. ``about`` is the line under the name in a lower third."""

    key: str
    name: Localized
    about: Localized | None = None


@dataclass(frozen=True)
class Item:
    """The thing that TAKE starts. ``duration`` None: until its source ends (files) or the next take."""

    guid: str
    title: Localized
    source: SourceRef
    duration: timedelta | None = None
    lower_third: Person | None = None


@dataclass(frozen=True)
class Session:
    """One announced slot. Its items, in order, are its chapter of the rundown."""

    guid: str
    title: Localized
    starts_at: datetime
    ends_at: datetime
    language: str
    persons: Sequence[Person] = ()
    abstract: Localized | None = None
    items: Sequence[Item] = ()


@dataclass(frozen=True)
class Day:
    """A block with its own start and end instants; may cross midnight. ``date`` is only its name."""

    date: date
    starts_at: datetime
    ends_at: datetime
    sessions: Sequence[Session] = ()


@dataclass(frozen=True)
class Trace:
    """What viewers' devices are left with. ``low``: browsers are told to keep nothing of it, and pages have a button
    to leave at once. ``neutral_title`` stands where browsers keep the title of a page, ``neutral_icon`` says whether
    a plain icon does so too; neither needs ``low``."""

    low: bool = False
    neutral_title: Localized | None = None
    neutral_icon: bool = False


@dataclass(frozen=True)
class Gathering:
    """The whole event. ``zone`` is an IANA name; ``epoch`` is the instant of tick 0 on air, fixed at seeding."""

    slug: str
    title: Localized
    tagline: Localized
    languages: Sequence[str]
    zone: str
    epoch: datetime
    days: Sequence[Day]
    persons: Sequence[Person]
    sources: Sequence[SourceSpec]
    slate: Localized
    """What the holding picture says, such as “We will be right back”."""
    receivers: Sequence[Receiver] = ()
    trace: Trace = field(default_factory=Trace)

    def items(self) -> list[tuple[Session, Item]]:
        """The rundown: every item with its session, in order."""
        return [(session, item) for day in self.days for session in day.sessions for item in session.items]
