"""A small writer of CMAF fragments (ISO 14496-12: moof and mdat).

libavformat's muxer writes the init segments; it cannot be told where fragments end without a container each, and it
spends more boxes than a 12 kb/s rung can pay. What is written here is read back by libavformat, hls.js and Shaka in
the tests.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_DEFAULT_BASE_IS_MOOF = 0x020000
_TFHD_DURATION, _TFHD_SIZE, _TFHD_FLAGS = 0x08, 0x10, 0x20
_TRUN_OFFSET, _TRUN_FIRST_FLAGS, _TRUN_SIZES = 0x01, 0x04, 0x200
_SYNC, _NOT_SYNC = 0x02000000, 0x01010000
_START_CODE = re.compile(b"\x00\x00\x00?\x01")
_IDR, _SEI, _SPS, _PPS, _DELIMITER = 5, 6, 7, 8, 9


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded picture or one codec frame of sound. ``time`` is in the rung's time base."""

    time: int
    content: bytes


def length_prefixed(annex_b: bytes) -> bytes:
    """H.264 as ISO 14496-15 stores it: each NAL unit behind its length. Parameter sets are in the init segment
    already; SEI and delimiters are left out, they only cost bytes (and name the encoder)."""
    units = (unit for unit in _START_CODE.split(annex_b) if unit)
    kept = (unit for unit in units if unit[0] & 0x1F not in (_SEI, _SPS, _PPS, _DELIMITER))
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in kept)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full_box(kind: bytes, version: int, flags: int, content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags) + content)


def fragment(sequence: int, samples: Sequence[Sample], duration: int, *, video: bool) -> bytes:
    """One fragment of consecutive samples, each ``duration`` long in the track's timescale.

    The first sample's time becomes the tfdt; a unit is moved on the timeline by writing it again under other times.
    Samples of one size are told by a default, so that a constant-rate codec pays nothing for each.
    """
    sizes = {len(sample.content) for sample in samples}
    one_size = sizes.pop() if len(sizes) == 1 else None
    header_flags = _DEFAULT_BASE_IS_MOOF | _TFHD_DURATION | _TFHD_FLAGS
    defaults = struct.pack(">II", 1, duration)  # track 1
    if one_size is not None:
        header_flags |= _TFHD_SIZE
        defaults += struct.pack(">I", one_size)
    defaults += struct.pack(">I", _NOT_SYNC if video else _SYNC)
    header = _full_box(b"tfhd", 0, header_flags, defaults)
    decode_time = _full_box(b"tfdt", 1, 0, struct.pack(">Q", samples[0].time))
    run_flags = _TRUN_OFFSET | (_TRUN_FIRST_FLAGS if video else 0) | (0 if one_size is not None else _TRUN_SIZES)
    table = b"" if one_size is not None else struct.pack(f">{len(samples)}I", *(len(s.content) for s in samples))
    is_key = video and samples[0].content[4] & 0x1F == _IDR
    first_flags = struct.pack(">I", _SYNC if is_key else _NOT_SYNC) if video else b""

    def moof(offset: int) -> bytes:
        run = _full_box(b"trun", 0, run_flags, struct.pack(">Ii", len(samples), offset) + first_flags + table)
        numbered = _full_box(b"mfhd", 0, 0, struct.pack(">I", sequence & 0xFFFFFFFF))
        return _box(b"moof", numbered + _box(b"traf", header + decode_time + run))

    body = _box(b"mdat", b"".join(sample.content for sample in samples))
    return moof(len(moof(0)) + 8) + body
