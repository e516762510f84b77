from __future__ import annotations

import pytest

from allpoints.contribute.rtmp.flv import Role, file_header, role_of_picture, role_of_sound, tag


@pytest.mark.parametrize(
    ("payload", "role"),
    [
        (b"\x17\x00\x00\x00\x00", Role.HEADER),
        (b"\x17\x01\x00\x00\x00", Role.KEY),
        (b"\x27\x01\x00\x00\x00", Role.OTHER),
        (b"\x90hvc1", Role.HEADER),
        (b"\x91hvc1", Role.KEY),
        (b"\xa1hvc1", Role.OTHER),
        (b"\x17", Role.OTHER),
        (b"", Role.OTHER),
    ],
)
def test_the_role_of_a_picture(payload: bytes, role: Role) -> None:
    assert role_of_picture(payload) is role


def test_the_role_of_sound() -> None:
    assert role_of_sound(b"\xaf\x00\x12\x10") is Role.HEADER
    assert role_of_sound(b"\xaf\x01\x21") is Role.OTHER
    assert role_of_sound(b"\x2f\x00") is Role.OTHER  # MP3 has no header of its own


def test_a_tag_carries_times_beyond_24_bits() -> None:
    written = tag(9, 0x12345678, b"abc")
    assert written[4:8] == b"\x34\x56\x78\x12"
    assert int.from_bytes(written[-4:], "big") == len(written) - 4
    assert file_header(sound=True, picture=False)[4] == 4
