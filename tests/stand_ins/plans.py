"""Plans for tests: a small good gathering file, and any gathering that a file can describe."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from allpoints.schedule.model import (
    Day,
    Gathering,
    Item,
    Localized,
    Person,
    Receiver,
    ReceiverRef,
    Session,
    SourceKind,
    SourceRef,
    SourceSpec,
    Trace,
)

SMALL_FILE = """\
slug = "lights"
name = "Assembly of Lights"
tagline = { en = "Every light answers", fa = "هر نوری" }
languages = ["en", "fa"]
zone = "Europe/Lisbon"
slate = "Back soon"

[[people]]
key = "ines"
name = "Inês Faria"

[[people]]
key = "odd"
name = "Odd Vik"

[[sources]]
key = "harbour"
name = "Harbour"
kind = "rtmp"
stream_key = "aaaaBBBB-1111"

[[sources]]
key = "island"
name = "Island"
kind = "rtmp"
stream_key = "ccccDDDD_2222"

[[receivers]]
key = "coast-tv"
name = "Coast TV"
url = "rtmps://live.coast.example/app"
stream_key = "coast?s=1"
rendition = "v480"

[[days]]
date = 2026-10-24
starts = "17:00"
ends = "03:00"

[[days.sessions]]
key = "opening"
title = "Opening"
starts = "18:00"
ends = "18:45"
people = ["ines"]

[[days.sessions.items]]
title = "Welcome"
source = "harbour"
duration = "4:30"
lower_third = "ines"

[[days.sessions]]
key = "night"
title = "Night watch"
starts = "23:30"
ends = "00:30"

[[days]]
date = 2026-10-26
starts = "09:00"
ends = "12:00"

[[days.sessions]]
key = "closing"
title = "Closing"
starts = "10:00"
ends = "11:00"

[trace]
low = true
neutral_title = { en = "Tide tables", fa = "جزر و مد" }
"""

FOLDER = Path("/gatherings/lights")
"""Where the files of plans lie in tests."""

ZONES = (
    "Europe/Lisbon", "America/Sao_Paulo", "Asia/Tehran", "Pacific/Apia", "Pacific/Kiritimati", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/St_Johns", "Etc/UTC",
)

_LANGUAGES = ("en", "fa", "ar", "pt-BR", "zh-Hant", "es-419")
_letters = "abcdefghijklmnopqrstuvwxyz0123456789"
_names = st.builds("-".join, st.lists(st.text(_letters, min_size=1, max_size=5), min_size=1, max_size=2))
_refs = st.lists(_names.filter(lambda name: name != "slate"), max_size=3, unique=True)
_words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.sampled_from('"\\\n\t#[]{}='),
    min_size=1, max_size=12,
).filter(str.strip)
_steps = st.one_of(
    st.integers(1, 300).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(1, 10**10).map(lambda microseconds: timedelta(microseconds=microseconds)),
    st.sampled_from([timedelta(days=1), timedelta(hours=30)]),
)
_durations = st.none() | st.integers(1, 20_000).map(lambda seconds: timedelta(seconds=seconds)) | st.integers(
    1, 7 * 86_400 * 10**6).map(lambda microseconds: timedelta(microseconds=microseconds))
_pauses = st.just(timedelta(0)) | _steps
_guids = st.uuids().map(str)


@st.composite
def gatherings(draw: st.DrawFn) -> Gathering:
    """Any gathering that a file can describe, mostly at hours when clocks change."""
    languages = draw(st.lists(st.sampled_from(_LANGUAGES), min_size=1, max_size=3, unique=True))
    zone = draw(st.sampled_from(ZONES))
    main, *others = languages

    def text() -> Localized:
        return Localized({tag: draw(_words) for tag in (main, *(each for each in others if draw(st.booleans())))})

    persons = [Person(key, text(), draw(st.sampled_from((text(), None))))
               for key in draw(st.lists(_names, max_size=3, unique=True))]
    refs = draw(_refs)
    sources = [_source(draw, SourceRef(ref), text(), number) for number, ref in enumerate(refs)]
    receivers = [_receiver(draw, ReceiverRef(ref), text())
                 for ref in draw(st.lists(_names, max_size=2, unique=True))]
    anyone = st.sampled_from((*persons, None))

    def session(starts_at: datetime, ends_at: datetime) -> Session:
        items = [
            Item(draw(_guids), text(), SourceRef(draw(st.sampled_from(("slate", *refs)))), draw(_durations),
                 draw(anyone))
            for _ in range(draw(st.integers(0, 2)))
        ]
        speakers = [person for person in persons if draw(st.booleans())]
        return Session(draw(_guids), text(), starts_at, ends_at, draw(st.sampled_from(_LANGUAGES)), tuple(speakers),
                       draw(st.sampled_from((text(), None))), tuple(items))

    first = instant = draw(clock_changes(zone)) - draw(_steps)
    days: list[Day] = []
    for _ in range(draw(st.integers(1, 3))):
        opens, sessions = instant, []
        for _ in range(draw(st.integers(0, 3))):
            begins = instant + draw(_pauses)
            instant = begins + draw(_steps)
            sessions.append(session(begins, instant))
        instant += draw(_steps)
        date = opens.astimezone(ZoneInfo(zone)).date() + timedelta(days=draw(st.sampled_from((0, 0, 0, -1, 1))))
        if days:
            date = max(date, days[-1].date + timedelta(days=1))
        days.append(Day(date, opens, instant, tuple(sessions)))
    return Gathering(
        slug=draw(_names), title=text(), tagline=text(), languages=tuple(languages), zone=zone,
        epoch=datetime.combine(first.date(), time(0), UTC), days=tuple(days), persons=tuple(persons),
        sources=tuple(sources), slate=text(), receivers=tuple(receivers),
        trace=Trace(draw(st.booleans()), draw(st.sampled_from((text(), None))), draw(st.booleans())),
    )


@cache
def clock_changes(zone: str) -> st.SearchStrategy[datetime]:
    """Quarters of UTC days on which clocks in ``zone`` change, or of any day where they never do; 2000 to 2030."""
    where = ZoneInfo(zone)
    days = [datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(31 * 365)]
    offsets = [day.astimezone(where).utcoffset() for day in days]
    changes = [day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after]
    return st.builds(lambda day, quarters: day + quarters * timedelta(minutes=15),
                     st.sampled_from(changes or days), st.integers(0, 96))


def _source(draw: st.DrawFn, ref: SourceRef, name: Localized, number: int) -> SourceSpec:
    kind = draw(st.sampled_from(SourceKind))
    if kind is SourceKind.RTMP:
        return SourceSpec(ref, name, kind, stream_key=f"key-of-source-{number}")
    path = draw(st.sampled_from([FOLDER / "media" / "é 1.mp4", Path('/elsewhere/a"b.png'), FOLDER / "../x.mkv"]))
    return SourceSpec(ref, name, kind, path=path, loop=kind is SourceKind.FILE and draw(st.booleans()))


def _receiver(draw: st.DrawFn, ref: ReceiverRef, name: Localized) -> Receiver:
    url = draw(st.sampled_from(["rtmp://10.0.0.7/live", "rtmps://host.example:443/a/b", "srt://[::1]:7001?latency=200"]))
    return Receiver(ref, name, url, draw(st.sampled_from(["a-key?x=\"1\"", None])),
                    draw(st.sampled_from(["v480", "a64", None])), draw(st.booleans()))
