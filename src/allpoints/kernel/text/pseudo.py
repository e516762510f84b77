"""English that no eye takes for English: what is not dressed like this was never handed to a translator."""

from __future__ import annotations

import re

from babel.support import NullTranslations

OPENS, CLOSES = "⟦", "⟧"
_KEPT = re.compile(r"%\(\w+\)s|%%|\{\w*\}|<[^>]*>|\s+")
_ACCENTS = str.maketrans("aeiouyAEIOUYcnsCNS", "àéîöûýÀÉÎÖÛÝçñšÇÑŠ")
_LONGER, _WORD = 0.35, 8


def pseudo(message: str) -> str:
    """The message with accents, a third longer, in brackets; its fields and tags as they were."""
    if not message:
        return ""
    dressed, at = "", 0
    for kept in _KEPT.finditer(message):
        dressed += message[at : kept.start()].translate(_ACCENTS) + kept[0]
        at = kept.end()
    dressed += message[at:].translate(_ACCENTS)
    longer = "·" * max(1, round(len(message) * _LONGER))
    words = " ".join(longer[at : at + _WORD] for at in range(0, len(longer), _WORD))
    return f"{OPENS}{dressed}{words}{CLOSES}"


class PseudoTranslations(NullTranslations):
    """Translates every message by ``pseudo``."""

    def gettext(self, message: str) -> str:
        """The message as if it were foreign."""
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """One of the two."""
        return pseudo(super().ngettext(msgid1, msgid2, n))
