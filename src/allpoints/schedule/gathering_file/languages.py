"""Language tags that Allpoints can name, sort and format in: those of CLDR."""

from __future__ import annotations

import difflib
import re

import babel
from babel.localedata import locale_identifiers

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def known_language(tag: str) -> bool:
    """Whether ``tag`` is a well-formed BCP 47 tag (language, script, region) that CLDR has."""
    if not _TAG.fullmatch(tag):
        return False
    try:
        babel.Locale.parse(tag, sep="-")
    except (ValueError, babel.UnknownLocaleError):
        return False
    return True


def near_language(tag: str) -> str:
    """A known tag that looks like ``tag``: “en-US” for “en_us”, “fa-AF” for “fa-AG”; its own language at worst."""
    known = [name.replace("_", "-") for name in locale_identifiers()]
    by_lower = {name.lower(): name for name in known}
    wanted = tag.lower().replace("_", "-")
    for candidate in (wanted, wanted.split("-")[0]):
        if candidate in by_lower:
            return by_lower[candidate]
    return by_lower[next(iter(difflib.get_close_matches(wanted, by_lower, n=1, cutoff=0.5)), "en")]
