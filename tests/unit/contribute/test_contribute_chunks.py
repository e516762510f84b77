from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.contribute.rtmp.chunks import (
    ABORT,
    AUDIO,
    SET_CHUNK_SIZE,
    VIDEO,
    BadChunk,
    ChunkReader,
    Message,
    chunked,
)

Sent = tuple[int, int, bytes]

sent_messages = st.lists(
    st.tuples(
        st.sampled_from([AUDIO, VIDEO, 18, 20]),
        st.sampled_from([0, 1, 40, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFFF]),
        st.binary(max_size=700),
    ),
    max_size=6,
)


def full_chunks(kind: int, timestamp: int, payload: bytes, name: int, chunk_size: int) -> list[bytes]:
    """One message with a full header, as chunks; by the letter of the specification."""
    extended = timestamp.to_bytes(4, "big") if timestamp >= 0xFFFFFF else b""
    head = min(timestamp, 0xFFFFFF).to_bytes(3, "big") + len(payload).to_bytes(3, "big") + bytes([kind, 1, 0, 0, 0])
    first, then = (bytes([shape << 6 | name]) if name < 64 else bytes([shape << 6, name - 64]) for shape in (0, 3))
    pieces = [payload[at : at + chunk_size] for at in range(0, len(payload), chunk_size)] or [b""]
    return [first + head + extended + pieces[0], *(then + extended + piece for piece in pieces[1:])]


def read_in_pieces(reader: ChunkReader, stream: bytes, sizes: list[int]) -> list[Message]:
    found: list[Message] = []
    at = turn = 0
    while at < len(stream):
        step = sizes[turn % len(sizes)]
        found += reader.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    return found


@given(sent_messages, st.integers(1, 300), st.lists(st.integers(1, 500), min_size=1, max_size=5))
def test_messages_survive_any_chunking_and_any_packets(sent: list[Sent], chunk_size: int, sizes: list[int]) -> None:
    stream = chunked(SET_CHUNK_SIZE, chunk_size.to_bytes(4, "big"), name=2)
    stream += b"".join(b"".join(full_chunks(*message, 6, chunk_size)) for message in sent)
    found = read_in_pieces(ChunkReader(), stream, sizes)
    assert [(m.kind, m.timestamp, m.payload) for m in found[1:]] == sent


@given(sent_messages, sent_messages)
def test_two_interleaved_chunk_streams_do_not_mix(one: list[Sent], two: list[Sent]) -> None:
    queues = [
        [chunk for message in messages for chunk in full_chunks(*message, name, 128)]
        for name, messages in ((4, one), (70, two))
    ]
    stream = b""
    while any(queues):
        for queue in queues:
            if queue:
                stream += queue.pop(0)
    found = [(m.kind, m.timestamp, m.payload) for m in ChunkReader(most_streams=2).feed(stream)]
    assert sorted(found) == sorted(one + two)


def test_short_headers_continue_the_time_of_the_message_before() -> None:
    first = full_chunks(VIDEO, 1000, b"ab", 6, 128)[0]
    delta = bytes([2 << 6 | 6]) + (40).to_bytes(3, "big") + b"cd"
    again = bytes([3 << 6 | 6]) + b"ef"
    found = list(ChunkReader().feed(first + delta + again))
    assert [(m.timestamp, m.payload) for m in found] == [(1000, b"ab"), (1040, b"cd"), (1080, b"ef")]


def test_an_aborted_message_leaves_no_trace() -> None:
    begun = full_chunks(VIDEO, 0, bytes(200), 6, 128)[0]
    stream = begun + chunked(ABORT, (6).to_bytes(4, "big"), name=2) + full_chunks(AUDIO, 7, b"x", 6, 128)[0]
    assert [m.payload for m in ChunkReader().feed(stream) if m.kind == AUDIO] == [b"x"]


@given(st.binary(max_size=2000), st.lists(st.integers(1, 500), min_size=1, max_size=5))
def test_garbage_is_refused_within_its_memory(garbage: bytes, sizes: list[int]) -> None:
    reader = ChunkReader(most_message=500, most_pending=800)
    with contextlib.suppress(BadChunk):
        read_in_pieces(reader, garbage, sizes)
    assert reader._pending <= 800 + 500
    assert sum(len(stream.payload) for stream in reader._streams.values()) <= 800 + 500


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadChunk):
        list(ChunkReader(most_message=1000).feed(full_chunks(VIDEO, 0, bytes(1001), 6, 128)[0]))


def test_too_many_half_messages_are_refused() -> None:
    reader = ChunkReader(most_message=200, most_pending=1000)
    halves = b"".join(full_chunks(VIDEO, 0, bytes(200), name, 128)[0] for name in range(3, 30))
    with pytest.raises(BadChunk):
        list(reader.feed(halves))


def test_too_many_chunk_streams_are_refused() -> None:
    reader = ChunkReader(most_streams=4)
    messages = b"".join(full_chunks(VIDEO, 0, b"x", name, 128)[0] for name in range(3, 9))
    with pytest.raises(BadChunk):
        list(reader.feed(messages))
