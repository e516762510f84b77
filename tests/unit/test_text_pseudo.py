"""The pseudo-locale: no field and no tag is harmed, everything else is."""

from __future__ import annotations

from allpoints.kernel.text.pseudo import pseudo
from allpoints.kernel.text.translations import PSEUDO, for_language


def test_what_is_filled_in_stays() -> None:
    assert pseudo("Wait {wait_ms} ms") == "⟦Wàît {wait_ms} mš······⟧"
    assert "%(place)s" in pseudo("%(place)s time, 5 %%")
    assert "5 %%" in pseudo("%(place)s time, 5 %%")
    assert '<a href="/">' in pseudo('See <a href="/">this</a>')
    assert pseudo("") == ""


def test_it_is_asked_for_like_a_language_and_longer_than_one() -> None:
    words = for_language(PSEUDO).words
    assert words.gettext("Watch").startswith("⟦")
    assert "{count}" in words.ngettext("{count} minute", "{count} minutes", 2)
    assert len(words.gettext("See the schedule")) > 1.3 * len("See the schedule")
