"""Everything that is said to people, found in the source. Run as a module it prints what a catalogue still lacks.

``python -m tests.rules.messages fa`` prints ``.po`` entries to translate and to append to the catalogue.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

SOURCE = Path(__file__).parents[2] / "src" / "allpoints"
CATALOGUES = SOURCE / "kernel" / "text" / "catalogues"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
Message = str | tuple[str, ...]


def messages() -> dict[Message, str]:
    """Message id (for plurals: both) → where it is said."""
    found: dict[Message, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for message in (*in_calls(path), *in_errors(path)):
            found.setdefault(message, str(path.relative_to(SOURCE)))
    for path in sorted(SOURCE.rglob("*.html")):
        with path.open("rb") as file:
            for _, _, said, _ in babel_extract(file, tuple(KEYWORDS), (), {"trimmed": "true"}):
                parts = [part for part in ([said] if isinstance(said, str) else said or ()) if part]
                found.setdefault(parts[0] if len(parts) == 1 else tuple(parts), path.name)
    return found


def in_calls(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _, said, _, _ in extract("python", file, KEYWORDS):
            parts = [part for part in (said if isinstance(said, tuple) else [said]) if part]
            yield parts[0] if len(parts) == 1 else tuple(parts)


def in_errors(path: Path) -> Iterator[Message]:
    """The sentences of errors: what is assigned to ``for_people`` in a class."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
                value = getattr(line, "value", None)
                if any(isinstance(target, ast.Name) and target.id == "for_people" for target in targets) and value:
                    yield ast.literal_eval(value)


def catalogue(tag: str) -> Catalog:
    with (CATALOGUES / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=tag)


def untranslated(tag: str) -> dict[Message, str]:
    """What the catalogue of ``tag`` does not say."""
    known = catalogue(tag)

    def is_said(message: Message) -> bool:
        entry = known.get(message if isinstance(message, str) else message[0])
        said = entry.string if entry else ""
        return bool(said) and all([said] if isinstance(said, str) else said or ())

    return {message: place for message, place in messages().items() if not is_said(message)}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    for message, place in untranslated(sys.argv[1]).items():
        print(f"#: {place}")
        if isinstance(message, str):
            print(f'msgid {_quoted(message)}\nmsgstr ""\n')
        else:
            print(f'msgid {_quoted(message[0])}\nmsgid_plural {_quoted(message[1])}\nmsgstr[0] ""\nmsgstr[1] ""\n')
