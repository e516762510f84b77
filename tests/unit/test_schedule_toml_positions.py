"""The positions of keys, proved against tomllib: what it reads, the index places, and nothing else."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from allpoints.schedule.gathering_file.positions import KeyPath, Position, Positions


def paths_of(value: Any, path: KeyPath = ()) -> set[KeyPath]:
    """Every key and array index of a parsed document."""
    found: set[KeyPath] = {path} if path else set()
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        found |= paths_of(inner, (*path, step))
    return found


bare = st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True)
quoted = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=4).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
literal = st.from_regex(r"'[a-zé .=#\[\]]{0,4}'", fullmatch=True)
key = st.one_of(bare, quoted, literal)
dotted = st.lists(key, min_size=1, max_size=3).map(" . ".join) | st.lists(key, min_size=1, max_size=2).map(".".join)
scalar = st.sampled_from([
    "1", "-0.5", "0x1F", "true", '"é#[x]"', "'a = 1'", '"""\n[t]\na = 1 \\\n  """', "'''\n[[t]]'''",
    "1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "1979-05-27T07:32:00", "inf",
])
gap = st.sampled_from(["", " ", "\n", " # [no]\n", "\r\n"])


def arrays_and_tables(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    array = st.tuples(gap, st.lists(st.tuples(inner, gap), max_size=3)).map(
        lambda parts: "[" + parts[0] + ",".join(value + after for value, after in parts[1]) + "]"
    )
    table = st.lists(st.tuples(dotted, inner), max_size=3).map(
        lambda pairs: "{" + ", ".join(f"{name} = {value}" for name, value in pairs) + "}"
    )
    return array | table


value = st.recursive(scalar, arrays_and_tables, max_leaves=6)
line = st.one_of(
    st.tuples(dotted, value).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    dotted.map(lambda name: f"[{name}]"),
    dotted.map(lambda name: f"[[ {name} ]]  # header"),
    st.just(""),
    st.just("# é a = 1"),
)


@given(st.lists(line, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_every_key_that_tomllib_reads_has_a_position_and_no_other_has(lines: list[str], end: str) -> None:
    kept: list[str] = []
    for each in lines:  # keep what stays valid, so that nearly all examples say something
        try:
            tomllib.loads(end.join([*kept, each]))
        except tomllib.TOMLDecodeError:
            continue
        kept.append(each)
    text = end.join(kept)
    assert set(Positions.of(text.encode()).at) == paths_of(tomllib.loads(text))


@given(st.lists(bare, min_size=1, max_size=6, unique=True), st.integers(0, 3))
def test_a_key_is_placed_on_its_own_line(names: list[str], blank_lines: int) -> None:
    text = ("\n" * blank_lines).join(f"{name} = 1\n" for name in names)
    at = Positions.of(text.encode()).at
    assert [at[(name,)].line for name in names] == [1 + n * (1 + blank_lines) for n in range(len(names))]


def test_columns_count_characters_not_bytes() -> None:
    at = Positions.of('"é" = { né.x = 1 }'.replace("né", '"né"').encode()).at
    assert at[("é", "né", "x")] == Position(1, 9)


def test_a_path_that_is_not_there_is_placed_at_the_table_around_it() -> None:
    positions = Positions.of(b"a = 1\n[[days]]\n[[days]]\nb = 2\n")
    assert positions.nearest(("days", 1, "starts")) == Position(3, 3)
    assert positions.nearest(("zone",)) == Position(1, 1)
