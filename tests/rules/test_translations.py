"""Rules that catalogues keep: complete, with the same fields, and nothing left over."""

from __future__ import annotations

import re

import pytest
from tests.rules.messages import catalogue, messages, untranslated

from allpoints.kernel.text.translations import LANGUAGES, MAIN_LANGUAGE

TRANSLATED = [tag for tag in LANGUAGES if tag != MAIN_LANGUAGE]
FIELD = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def fields(text: str) -> set[str]:
    return {one or other for one, other in FIELD.findall(text)}


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_sentence_for_people_is_translated(tag: str) -> None:
    assert not untranslated(tag), f"python -m tests.rules.messages {tag} prints what to add"


@pytest.mark.parametrize("tag", TRANSLATED)
def test_translations_keep_their_fields(tag: str) -> None:
    wrong = []
    for entry in catalogue(tag):
        ids = [entry.id] if isinstance(entry.id, str) else list(entry.id)
        said = entry.string
        texts = [said] if isinstance(said, str) else list(said or ())
        wrong += [text for text in texts if ids[0] and fields(text) != fields(ids[-1])]
    assert not wrong


@pytest.mark.parametrize("tag", TRANSLATED)
def test_no_translation_is_left_of_what_is_no_longer_said(tag: str) -> None:
    said = {message if isinstance(message, str) else message[0] for message in messages()}
    known = {entry.id if isinstance(entry.id, str) else entry.id[0] for entry in catalogue(tag)} - {""}
    assert not known - said


def test_messages_are_found_wherever_they_are_said() -> None:
    found = messages()
    assert found["Tap for sound"] == "player.html"
    assert found["Jump to live"] == "web/player_words.py"
    assert found["PANIC and DUMP must be held for one second. Hold the button and try again."] == "web/orders.py"
