"""The demo's gathering: an invented world assembly, planned around *now*, as the text of a ``gathering.toml``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from allpoints.app.demo import cast
from allpoints.schedule.gathering_file.sources import new_stream_key

HARBOUR_SOURCE = "harbour-live"
"""The RTMP source that the demo itself publishes ``cast.HARBOUR_CLIP`` to."""

_ZONE = "Atlantic/Reykjavik"  # never changes its clocks, so that every local time exists once
_LANGUAGES = ("en", "fa", "ar", "hi", "zh", "es", "fr")
_SPARE = timedelta(seconds=0.8)  # the mix at an item's end runs over moving pictures

Text = Mapping[str, str]

_TITLE = {
    "en": "World Assembly of Lighthouse Keepers", "fa": "همایش جهانی نگهبانان فانوس دریایی",
    "ar": "المؤتمر العالمي لحُرّاس المنارات", "hi": "प्रकाशस्तंभ रक्षकों की विश्व सभा", "zh": "世界灯塔守护者大会",
    "es": "Asamblea Mundial de Fareros", "fr": "Assemblée mondiale des gardiens de phare",
}
_TAGLINE = {
    "en": "Every light answers", "fa": "هر نوری پاسخ می‌دهد", "ar": "كلُّ ضوءٍ يُجيب", "hi": "हर दीप उत्तर देता है",
    "zh": "每一束光都有回应", "es": "Cada luz responde", "fr": "Chaque lumière répond",
}
_SLATE = {
    "en": "We will be right back", "fa": "به‌زودی برمی‌گردیم", "ar": "سنعود بعد قليل", "hi": "हम थोड़ी देर में लौटेंगे",
    "zh": "马上回来", "es": "Volvemos enseguida", "fr": "Nous revenons tout de suite",
}
_INES = {"en": "Inês Faria", "fa": "اینس فاریا", "ar": "إينيش فاريا", "zh": "伊内丝·法里亚"}
_INES_ABOUT = {
    "en": "Keeper of Cabo Claro, live from the harbour", "fa": "نگهبان کابو کلارو، زنده از بندر",
    "es": "Farera de Cabo Claro, en directo desde el puerto", "fr": "Gardienne de Cabo Claro, en direct du port",
}


@dataclass(frozen=True)
class _Slot:
    """One planned session: who speaks, by key; ``live`` puts the harbour on air as well."""

    key: str
    minutes: int
    title: Text
    abstract: Text
    speakers: tuple[str, ...]
    language: str = "en"
    live: bool = False


_OPENING = _Slot("opening", 40, {
    "en": "Opening: three days, one light", "fa": "گشایش: سه روز، یک نور", "ar": "الافتتاح: ثلاثة أيام، ضوءٌ واحد",
    "hi": "उद्घाटन: तीन दिन, एक रोशनी", "zh": "开幕：三天，一束光", "es": "Apertura: tres días, una luz",
    "fr": "Ouverture : trois jours, une lumière",
}, {"en": "Keepers of seven coasts greet one another.", "fa": "نگهبانان هفت ساحل به یکدیگر درود می‌گویند."},
    ("astrid-solheim", "samira-darya", "lucia-herrera"), live=True)
_WATCH = _Slot("night-watch", 50, {
    "en": "The night watch", "fa": "پاس شب", "ar": "نوبة الليل", "hi": "रात का पहरा", "zh": "守夜",
    "es": "La guardia de noche", "fr": "La veille de nuit",
}, {"en": "What the sea is like when nobody looks.", "ar": "كيف يكون البحر حين لا يراه أحد.",
    "zh": "无人注视时，大海是什么样子。"}, ("omar-almanar", "lin-haisheng"), "ar")
_STORM = _Slot("storm", 50, {
    "en": "Keeping the lamp through a storm", "fa": "نگه داشتن چراغ در توفان", "ar": "حفظ المصباح في العاصفة",
    "hi": "तूफ़ान में दीप जलाए रखना", "zh": "风暴中守住灯火", "es": "Cuidar la lámpara en la tormenta",
    "fr": "Garder la lampe dans la tempête",
}, {"en": "Rain, wind, and a wick that must not go out.", "hi": "बारिश, हवा, और एक लौ जिसे बुझना नहीं है।",
    "es": "Lluvia, viento y una mecha que no debe apagarse."}, ("kavita-rao", "lucia-herrera"), "hi")
_HARBOUR = _Slot("harbour", 30, {
    "en": "Live from the harbour", "fa": "زنده از بندر", "ar": "مباشر من الميناء", "hi": "बंदरगाह से सीधे",
    "zh": "港口直播", "es": "En directo desde el puerto", "fr": "En direct du port",
}, {"en": "The boats of Cabo Claro come home.", "es": "Los barcos de Cabo Claro vuelven a casa."},
    ("yann-kermor",), live=True)
_LENSES = _Slot("lenses", 45, {
    "en": "Lenses, clockwork and care", "fa": "عدسی، چرخ‌دنده و مراقبت", "ar": "عدساتٌ وساعاتٌ وعناية",
    "hi": "लेंस, घड़ी और देखभाल", "zh": "透镜、钟机与养护", "es": "Lentes, relojería y cuidado",
    "fr": "Lentilles, horlogerie et soin",
}, {"en": "How old lights are kept turning.", "fr": "Comment faire tourner les vieux feux."},
    ("yann-kermor", "lin-haisheng"), "fr")
_CHILDREN = _Slot("letters", 30, {
    "en": "Letters to the keepers", "fa": "نامه به نگهبانان", "ar": "رسائل إلى الحُرّاس", "hi": "रक्षकों के नाम पत्र",
    "zh": "写给守护者的信", "es": "Cartas a los fareros", "fr": "Lettres aux gardiens",
}, {"en": "Children ask, keepers answer.", "fa": "کودکان می‌پرسند، نگهبانان پاسخ می‌دهند."},
    ("samira-darya", "kavita-rao"), "fa")
_CLOSING = _Slot("closing", 30, {
    "en": "All lights", "fa": "همه چراغ‌ها", "ar": "كلُّ الأضواء", "hi": "सारी बत्तियाँ", "zh": "万灯齐明",
    "es": "Todas las luces", "fr": "Toutes les lumières",
}, {"en": "The lamps are lit one after another, around the world."}, ("omar-almanar", "astrid-solheim"), live=True)

_DAYS = ((_OPENING, _WATCH, _STORM, _HARBOUR), (_LENSES, _CHILDREN, _HARBOUR, _WATCH), (_STORM, _LENSES, _CLOSING))
_BREAK = timedelta(minutes=10)


def demo_gathering_toml(now: datetime, media_folder: Path, stream_key: str | None = None) -> str:
    """The gathering file of the demo: three days of which the first began ten minutes before ``now`` (aware).

    Clips are named by their paths in ``media_folder``. The live harbour's ``stream_key`` is a fresh one unless given.
    """
    return "\n".join(_lines(now, media_folder, stream_key or new_stream_key())) + "\n"


def _text(words: Text) -> str:
    known = {tag: words[tag] for tag in _LANGUAGES if tag in words}
    if len(known) == 1:
        return _quoted(words["en"])
    return "{ " + ", ".join(f"{tag} = {_quoted(text)}" for tag, text in known.items()) + " }"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _lines(now: datetime, media_folder: Path, stream_key: str) -> Iterator[str]:
    yield "# An invented gathering, written by “allpoints demo”."
    yield 'slug = "lighthouse-assembly-demo"'
    for name, words in (("name", _TITLE), ("tagline", _TAGLINE), ("slate", _SLATE)):
        yield f"{name} = {_text(words)}"
    yield f"languages = {_quoted_list(_LANGUAGES)}"
    yield f'zone = "{_ZONE}"'
    people = [(speaker.key, speaker.name, speaker.about) for speaker in cast.SPEAKERS]
    for key, named, about in [*people, (cast.HARBOUR_KEEPER, _INES, _INES_ABOUT)]:
        yield f'\n[[people]]\nkey = "{key}"\nname = {_text(named)}\nabout = {_text(about)}'
    for speaker in cast.SPEAKERS:
        path = media_folder / speaker.clip
        yield f'\n[[sources]]\nkey = "{speaker.key}"\nname = {_quoted(speaker.station)}'
        yield f'kind = "file"\npath = {_quoted(str(path))}'
    yield f'\n[[sources]]\nkey = "{HARBOUR_SOURCE}"\nname = {_text(_HARBOUR.title)}'
    yield f'kind = "rtmp"\nstream_key = "{stream_key}"'
    for number, slots in enumerate(_DAYS):
        yield from _day(now, number, slots)


def _quoted_list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _day(now: datetime, number: int, slots: tuple[_Slot, ...]) -> Iterator[str]:
    local = now.astimezone(ZoneInfo(_ZONE)).replace(second=0, microsecond=0, tzinfo=None)
    start = local - timedelta(minutes=10 + local.minute % 5) + timedelta(days=number)
    length = sum((timedelta(minutes=slot.minutes) + _BREAK for slot in slots), timedelta())
    yield f"\n\n[[days]]\ndate = {start:%Y-%m-%d}\nstarts = \"{start:%H:%M}\"\nends = \"{start + length:%H:%M}\""
    for slot in slots:
        end = start + timedelta(minutes=slot.minutes)
        people = (*slot.speakers, cast.HARBOUR_KEEPER) if slot.live else slot.speakers
        yield f'\n[[days.sessions]]\nkey = "{slot.key}-{number + 1}"\ntitle = {_text(slot.title)}'
        yield f'starts = "{start:%H:%M}"\nends = "{end:%H:%M}"\nlanguage = "{slot.language}"'
        yield f"people = {_quoted_list(people)}\nabstract = {_text(slot.abstract)}"
        for speaker in cast.SPEAKERS:
            if speaker.key in slot.speakers:
                yield _item(speaker.key, speaker.name, timedelta(seconds=speaker.seconds) - _SPARE, speaker.key)
        if slot.live:
            yield _item(HARBOUR_SOURCE, _HARBOUR.title, timedelta(seconds=25), cast.HARBOUR_KEEPER)
        start = end + _BREAK


def _item(source: str, title: Text, duration: timedelta, person: str) -> str:
    return (
        f'\n[[days.sessions.items]]\ntitle = {_text(title)}\nsource = "{source}"\n'
        f'duration = {duration.total_seconds():g}\nlower_third = "{person}"'
    )
