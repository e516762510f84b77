"""Fragments of our writer, read back by libavformat."""

from __future__ import annotations

import io
import struct

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpoints.publish.encoders import AudioEncoder, VideoEncoder
from allpoints.publish.fragments import Sample, fragment, length_prefixed
from allpoints.publish.ladder import LADDERS, MONO, OPUS, STEREO, Rung, VideoRung
from allpoints.publish.units import sample_length

RUNGS: list[Rung] = [STEREO, MONO, OPUS, *LADDERS["large"].video[2:]]
IDR, SLICE = 0x65, 0x41


def init_of(rung: Rung) -> bytes:
    encoder = VideoEncoder(rung) if isinstance(rung, VideoRung) else AudioEncoder(rung, 0)
    encoder.close()
    return encoder.init


@pytest.fixture(scope="module")
def inits() -> dict[str, bytes]:
    return {rung.name: init_of(rung) for rung in RUNGS}


def coded(kind: int, size: int, number: int) -> bytes:
    return struct.pack(">IB", 1 + size, kind) + bytes([number]) * size


@given(
    st.sampled_from(RUNGS), st.integers(0, 2**40), st.lists(st.integers(1, 400), min_size=2, max_size=60),
    st.booleans(), st.booleans(),
)
def test_libavformat_reads_what_was_written(
    inits: dict[str, bytes], rung: Rung, first: int, sizes: list[int], alike: bool, key: bool
) -> None:
    if alike:
        sizes = [sizes[0]] * len(sizes)
    step = sample_length(rung)
    is_video = isinstance(rung, VideoRung)
    samples = [
        Sample(first * step + number * step, coded(IDR if key and number == 0 else SLICE, size, number % 256))
        for number, size in enumerate(sizes)
    ]
    middle = len(samples) // 2
    blob = inits[rung.name] + b"".join(
        fragment(number, half, step, video=is_video)
        for number, half in enumerate([samples[:middle], samples[middle:]])
    )
    with av.open(io.BytesIO(blob), "r", format="mp4") as container:
        packets = [packet for packet in container.demux(container.streams[0]) if packet.dts is not None]
    assert [bytes(packet) for packet in packets] == [sample.content for sample in samples]
    assert [packet.pts for packet in packets] == [sample.time for sample in samples]
    assert [packet.dts for packet in packets] == [sample.time for sample in samples]
    assert {packet.duration for packet in packets} == {step}
    if is_video:
        assert [packet.is_keyframe for packet in packets] == [key, *[False] * (len(samples) - 1)]
    else:
        assert all(packet.is_keyframe for packet in packets)


def test_samples_of_one_size_pay_for_no_table() -> None:
    def around(count: int, *sizes: int) -> int:
        samples = [Sample(960 * number, bytes(sizes[number % len(sizes)])) for number in range(count)]
        return len(fragment(1, samples, 960, video=False)) - sum(len(sample.content) for sample in samples)

    assert around(100, 38) == around(2, 38) < 130
    assert around(100, 38, 39) == around(2, 38, 39) + 4 * 98


kinds = st.sampled_from([1, 5, 6, 7, 8, 9])
bodies = st.binary(min_size=1, max_size=40).filter(lambda body: b"\0\0" not in body and body[-1] != 0)


@given(st.lists(st.tuples(st.booleans(), kinds, bodies), min_size=1, max_size=6))
def test_start_codes_become_lengths_and_only_slices_stay(units: list[tuple[bool, int, bytes]]) -> None:
    annex_b = b"".join(b"\0" * long + b"\0\0\1" + bytes([0x60 | kind]) + body for long, kind, body in units)
    kept = [bytes([0x60 | kind]) + body for _, kind, body in units if kind in (1, 5)]
    assert length_prefixed(annex_b) == b"".join(struct.pack(">I", len(unit)) + unit for unit in kept)
