"""An invented gathering for tests of pages: a world assembly of lighthouse keepers, on the air around an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from allpoints.schedule.model import (
    Day,
    Gathering,
    Item,
    Localized,
    Person,
    Session,
    SourceKind,
    SourceRef,
    SourceSpec,
    Trace,
)

SVEIN = Person("svein", Localized({"en": "Svein Nordlys", "fa": "سوین نوردلیس"}),
               Localized({"en": "Keeper of Ytre Skjær", "fa": "نگهبان فانوس یتره‌شر"}))
MARIAM = Person("mariam", Localized({"en": "Mariam Daryaei", "fa": "مریم دریایی"}),
                Localized({"en": "Harbour light, Bandar", "fa": "فانوس بندر"}))

LOW_TRACE = Trace(low=True, neutral_title=Localized({"en": "Tide tables", "fa": "جدول جزر و مد"}), neutral_icon=True)


def assembly(around: datetime) -> Gathering:
    """Three days; a session of the second one is on at ``around``, which is taken to the minute."""
    around = around.astimezone(UTC).replace(second=0, microsecond=0)
    return Gathering(
        slug="keepers",
        title=Localized({"en": "World Assembly of Lighthouse Keepers", "fa": "گردهمایی جهانی فانوس‌بانان"}),
        tagline=Localized({"en": "Three days, every coast, one light.", "fa": "سه روز، همهٔ کرانه‌ها، یک نور."}),
        languages=("en", "fa"),
        zone="Atlantic/Reykjavik",
        epoch=datetime(2026, 1, 1, tzinfo=UTC),
        days=[_day(around + timedelta(days=offset), offset + 2) for offset in (-1, 0, 1)],
        persons=(SVEIN, MARIAM),
        sources=(SourceSpec(SourceRef("opening-film"), Localized({"en": "Opening film"}), SourceKind.FILE),),
        slate=Localized({"en": "We will be right back", "fa": "به‌زودی برمی‌گردیم"}),
    )


def _day(middle: datetime, number: int) -> Day:
    starts = [middle + timedelta(minutes=minutes) for minutes in (-95, -50, -20, 25, 70)]
    titles = [
        ("Lighting the lamps", "روشن کردن چراغ‌ها"), ("Letters from remote rocks", "نامه‌هایی از صخره‌های دور"),
        ("The night the fog came", "شبی که مه آمد"), ("Keeping watch together", "با هم دیدبانی کنیم"),
        ("Songs of the coast", "ترانه‌های کرانه"),
    ]
    sessions = [
        Session(
            guid=f"day{number}-{place}", title=Localized({"en": english, "fa": persian}), starts_at=start,
            ends_at=start + timedelta(minutes=40), language="fa" if place == 3 else "en",
            persons=(SVEIN, MARIAM) if place % 2 else (SVEIN,),
            abstract=Localized({"en": "Keepers tell what they saw, and what they would do again.",
                                "fa": "فانوس‌بانان از آنچه دیدند می‌گویند."}),
            items=(
                Item(f"day{number}-{place}-film", Localized({"en": f"Film: {english}"}), SourceRef("opening-film")),
            ),
        )
        for place, ((english, persian), start) in enumerate(zip(titles, starts, strict=True))
    ]
    return Day(middle.date(), starts[0], sessions[-1].ends_at, tuple(sessions))
