"""Where each key of a TOML document stands, which ``tomllib`` does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import tree_sitter
import tree_sitter_toml

KeyPath = tuple[str | int, ...]
"""Keys and array indexes from the top of the document, such as ``("days", 0, "sessions", 1, "starts")``."""

_ENTRIES = ("pair", "table", "table_array_element")


@dataclass(frozen=True)
class Position:
    """A place in a text file; both count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Positions:
    """The positions of all keys and array elements of one document."""

    at: dict[KeyPath, Position]

    @classmethod
    def of(cls, document: bytes) -> Positions:
        """Index a document that ``tomllib`` accepts (TOML 1.0, UTF-8); of any other the index is incomplete."""
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
        return cls(at=_Index(document).filled_from(parser.parse(document).root_node))

    def nearest(self, path: KeyPath) -> Position:
        """Where ``path`` stands, else the innermost table around it, else the first line."""
        while path and path not in self.at:
            path = path[:-1]
        return self.at.get(path, Position(1, 1))


class _Index:
    """Follows the document from top to bottom as TOML 1.0 defines tables and arrays of tables."""

    def __init__(self, document: bytes) -> None:
        self._lines = document.split(b"\n")
        self._at: dict[KeyPath, Position] = {}
        self._lengths: dict[KeyPath, int] = {}

    def filled_from(self, root: tree_sitter.Node) -> dict[KeyPath, Position]:
        for node in root.named_children:
            if node.type == "pair":
                self._pair((), node)
            elif node.type in _ENTRIES:
                self._table(node)
        return self._at

    def _table(self, node: tree_sitter.Node) -> None:
        key, *pairs = node.named_children
        *parents, last = _names(key)
        path: KeyPath = ()
        for name in parents:
            path = self._innermost(path, name, key)
        if node.type == "table_array_element":
            array = (*path, last)
            index = self._lengths.get(array, 0)
            self._lengths[array] = index + 1
            self._note(array, key)
            path = (*array, index)
        else:
            path = self._innermost(path, last, key)
        self._note(path, key)
        for pair in pairs:
            if pair.type == "pair":
                self._pair(path, pair)

    def _innermost(self, path: KeyPath, name: str, key: tree_sitter.Node) -> KeyPath:
        """Step into ``name``; in an array of tables that is its last table so far."""
        path = (*path, name)
        self._note(path, key)
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, path: KeyPath, node: tree_sitter.Node) -> None:
        key, *rest = (child for child in node.named_children if child.type != "comment")
        for name in _names(key):
            path = (*path, name)
            self._note(path, key)
        for value in rest:
            self._value(path, value)

    def _value(self, path: KeyPath, node: tree_sitter.Node) -> None:
        if node.type == "inline_table":
            for pair in node.named_children:
                if pair.type == "pair":
                    self._pair(path, pair)
        elif node.type == "array":
            elements = (child for child in node.named_children if child.type != "comment")
            for index, element in enumerate(elements):
                self._note((*path, index), element)
                self._value((*path, index), element)

    def _note(self, path: KeyPath, node: tree_sitter.Node) -> None:
        row, byte_column = node.start_point
        column = len(self._lines[row][:byte_column].decode(errors="replace"))
        self._at.setdefault(path, Position(row + 1, column + 1))


def _names(key: tree_sitter.Node) -> Iterator[str]:
    """The parts of a dotted, quoted or bare key."""
    if key.type == "dotted_key":
        for child in key.named_children:
            yield from _names(child)
    else:
        written = (key.text or b"").decode()
        yield from tomllib.loads(f"{written} = 0")
