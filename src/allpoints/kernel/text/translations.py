"""The interface's languages: catalogues, and which of them a person gets.

Message ids are the English sentences themselves. A catalogue is a gettext ``.po`` file in ``catalogues/``, read by
Babel at start; there is no compiled form to forget.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from babel import Locale
from babel.core import UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.text.pseudo import PseudoTranslations

MAIN_LANGUAGE = "en"
LANGUAGES: tuple[str, ...] = (MAIN_LANGUAGE, "fa", "ar", "fr", "es", "de", "tr", "ru", "zh", "hi", "pt", "ckb")
"""Every language that the interface speaks, as BCP 47 tags."""

PSEUDO = "en-XA"
"""CLDR's tag of what is no language: English in brackets, with accents and a third longer. Who asks for it by address
sees at once what was never handed to a translator, and what does not fit."""

_ALSO_READ = {"prs": "fa", "ku-arab": "ckb", "ku-iq": "ckb", "ku-ir": "ckb"}
"""Languages that browsers ask for by other tags: Dari, and Kurdish where it is written in Arabic script."""

_DIGITS = {"arabext": "۰۱۲۳۴۵۶۷۸۹", "arab": "٠١٢٣٤٥٦٧٨٩"}
"""CLDR numbering systems other than ``latn``: Babel formats numbers in them, but dates and times in ``latn``."""


@dataclass(frozen=True)
class Language:
    """One language of the interface: its words and its manner of writing."""

    tag: str
    locale: Locale
    words: NullTranslations = field(compare=False, repr=False)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, as in HTML's ``dir``."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    @property
    def own_name(self) -> str:
        """The language's name in itself, for the person who looks for it."""
        return str(self.locale.get_display_name(self.locale) or self.tag)

    @property
    def numbering(self) -> str:
        """The CLDR numbering system that its numbers are written in: ``latn``, ``arabext`` …"""
        return str(self.locale.default_numbering_system)

    def digits(self, text: object) -> str:
        """The text with its 0 to 9 written the language's own way."""
        own = _DIGITS.get(self.numbering)
        return str(text).translate(str.maketrans("0123456789", own)) if own else str(text)

    def say(self, message: str, values: Mapping[str, object] | None = None) -> str:
        """The message id in this language, its ``{name}`` fields filled in."""
        translated = str(self.words.gettext(message)) if message else ""
        return translated.format_map(self._set_apart(values)) if values else translated

    def sentence(self, error: AllpointsError) -> str:
        """What went wrong and what to do next, for the person who asked."""
        return self.words.gettext(error.for_people).format_map(self._set_apart(error.values))

    def _set_apart(self, values: Mapping[str, object]) -> Mapping[str, object]:
        """In a line from the right, each name in isolates (UAX #9, FSI and PDI): else its marks would wander."""
        if self.direction == "ltr":
            return values
        return {name: f"\u2068{value}\u2069" if isinstance(value, str) else value for name, value in values.items()}


def message(text: str) -> str:
    """``text`` itself: marks a sentence that is kept as data as one to be translated where it is said."""
    return text


@cache
def for_language(tag: str) -> Language:
    """The language ``tag`` (one of ``LANGUAGES``, or ``PSEUDO``; raises KeyError for another)."""
    if tag == PSEUDO:
        return Language(tag, Locale("en"), PseudoTranslations())
    if tag not in LANGUAGES:
        raise KeyError(tag)
    locale = Locale.parse(tag, sep="-")
    if tag == MAIN_LANGUAGE:
        return Language(tag, locale, NullTranslations())
    text = resources.files(__package__).joinpath("catalogues", f"{tag}.po").read_text("utf-8")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.StringIO(text), locale=tag))
    compiled.seek(0)
    return Language(tag, locale, Translations(compiled))


def negotiate(accept_language: str, available: Sequence[str] = LANGUAGES) -> str:
    """The best of ``available`` for an ``Accept-Language`` header (RFC 9110, 12.5.4); its first where none fits.

    A malformed header counts as none: what a stranger sends is never an error.
    """
    wishes: list[tuple[float, int, str]] = []
    for position, entry in enumerate(accept_language.split(",")[:32]):
        tag, *parameters = (piece.strip() for piece in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = _weight(parameter[2:])
        if tag and weight > 0:
            wishes.append((-weight, position, tag.lower()))
    for _, _, wish in sorted(wishes):
        tag = next((tag for also, tag in _ALSO_READ.items() if f"{wish}-".startswith(f"{also}-")), wish)
        for candidate in available:
            if tag == candidate.lower() or tag.split("-")[0] == candidate.lower():
                return candidate
    return available[0]


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def name_of_language(tag: str, reader: Language) -> str:
    """The name of any language in the reader's language; the tag itself when nobody knows it."""
    try:
        return str(Locale.parse(tag, sep="-").get_display_name(reader.locale) or tag)
    except (UnknownLocaleError, ValueError):
        return tag
