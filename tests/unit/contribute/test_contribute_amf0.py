from __future__ import annotations

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allpoints.contribute.rtmp.amf0 import BadAmf, Value, decode, encode

names = st.text(min_size=1, max_size=20)
values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(values, max_size=5))
def test_what_is_encoded_is_decoded_again(given_values: list[Value]) -> None:
    try:
        found = decode(encode(*given_values))
    except BadAmf:
        assume(False)  # nested deeper than any command
    assert found == given_values


@given(st.binary(max_size=300))
def test_garbage_is_refused_and_nothing_else_happens(garbage: bytes) -> None:
    with contextlib.suppress(BadAmf):
        decode(garbage)


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x0a\xff\xff\xff\xff",  # an array of four thousand million members
        b"\x03\x00\x01a" * 100,  # objects in objects
        b"\x0c\xff\xff\xff\xff",  # a text of four gigabytes
        b"\x05" * 10_000,  # no end of nothing
    ],
)
def test_what_asks_for_too_much_is_refused(hostile: bytes) -> None:
    with pytest.raises(BadAmf):
        decode(hostile)
