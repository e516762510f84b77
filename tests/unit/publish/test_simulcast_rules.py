"""The rules of sending on: FLV, pace, backlog, addresses without secrets."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stand_ins.simulcasting import coast_tv, segment

from allpoints.publish.demuxed import CodedUnit, Demuxed
from allpoints.publish.ladder import LADDERS
from allpoints.publish.simulcast.address import output_arguments, shown_place, without_secrets
from allpoints.publish.simulcast.backlog import LONGEST_MS, Backlog
from allpoints.publish.simulcast.pacing import CUSHION_MS, MOST_AHEAD_MS, Pacer
from allpoints.publish.simulcast.pieces import PICTURE, pieces
from allpoints.publish.simulcast.program import Rendition

AAC_SETUP = bytes.fromhex("1190")
AVC_SETUP = bytes.fromhex("0164001effe1001b6764001eacb406c1ef37350101014000000300400000030c83c58ba80001000468eebc80")


def track(setup: bytes, times: list[Fraction], content: bytes) -> Demuxed:
    return Demuxed(setup, tuple(CodedUnit(time, content + b"%d" % n, n == 0) for n, time in enumerate(times)))


def test_pieces_are_an_flv_file_from_any_opening_on() -> None:
    day = 86_400
    picture = track(AVC_SETUP, [day + Fraction(n, 25) for n in range(50)], b"\0\0\0\2\x65")
    sound = track(AAC_SETUP, [day + Fraction(n * 1024, 48_000) for n in range(94)], b"sound")
    made = pieces(picture, sound)
    assert [piece.opening is not None for piece in made] == [True] + [False] * 143
    base = made[0].time
    file = (made[0].opening or b"") + b"".join(piece.tag(base) for piece in made)
    with av.open(io.BytesIO(file), "r", format="flv") as container:
        seen: dict[str, list[int | None]] = {"video": [], "audio": []}
        for packet in container.demux():
            if packet.size:
                seen[packet.stream.type].append(packet.pts)
        setups = [stream.codec_context.extradata for stream in (*container.streams.video, *container.streams.audio)]
    assert seen["video"] == list(range(0, 2000, 40))
    assert seen["audio"] == [round(n * 1024 / 48) for n in range(94)]
    assert [piece.payload[0] for piece in made if piece.kind == PICTURE] == [0x17] + [0x27] * 49
    assert setups == [AVC_SETUP, AAC_SETUP]


def test_sound_alone_can_be_begun_with_too() -> None:
    made = pieces(None, track(AAC_SETUP, [Fraction(0), Fraction(1024, 48_000)], b"sound"))
    assert [piece.opening is not None for piece in made] == [True, False]
    assert (made[0].opening or b"")[4] == 4  # the flags of an FLV file: sound, no picture


def test_a_rendition_is_a_picture_with_its_sound_or_the_largest() -> None:
    def names(wanted: str | None, ladder: str) -> tuple[str | None, str]:
        rendition = Rendition.wanted(wanted, LADDERS[ladder])
        return rendition.picture.name if rendition.picture else None, rendition.sound.name

    assert names("v240", "large") == ("v240", "a32")
    assert names(None, "large") == ("v720", "a64")
    assert names("v720", "small") == ("v480", "a64")
    assert names("a32", "large") == (None, "a32")
    assert names(None, "audio") == (None, "a64")


def test_what_comes_two_seconds_at_a_time_goes_out_evenly() -> None:
    pacer = Pacer()
    assert not pacer.is_due(0, 1e12)
    pacer.segment(10_000, 50.0)
    pacer.segment(12_000, 2050.0 + CUSHION_MS)  # late, but not later than the cushion
    due = 50.0 + CUSHION_MS
    for time in range(10_000, 14_000, 40):
        assert not pacer.is_due(time, due + time - 10_000 - 1)
        assert pacer.is_due(time, due + time - 10_000)


@given(st.integers(1, 10**6), st.integers(0, 10**10))
def test_a_late_segment_and_a_jump_of_the_clock_set_the_pace_anew(late: int, jump: int) -> None:
    pacer = Pacer()
    pacer.segment(0, 0.0)
    now = 2000.0 + CUSHION_MS + late
    pacer.segment(2000, now)
    assert not pacer.is_due(2000, now)
    assert pacer.is_due(2000, now + CUSHION_MS)
    pacer.segment(4000 + MOST_AHEAD_MS + jump, now)
    assert pacer.is_due(4000 + MOST_AHEAD_MS + jump, now + MOST_AHEAD_MS)


def test_a_backlog_begins_where_decoding_can_and_drops_to_there() -> None:
    backlog = Backlog()
    for piece in segment(0)[3:]:
        backlog.add(piece)
    assert backlog.first() is None
    count = LONGEST_MS // 2000
    for number in range(1, count + 1):
        for piece in segment(number):
            backlog.add(piece)
    first = backlog.first()
    assert first is not None
    assert (first.time, backlog.dropped) == (2000, 0)
    backlog.add(segment(count + 1)[0])
    assert backlog.dropped == count
    assert backlog.take().time == 2000 * (count + 1)
    for piece in (*segment(0), segment(count)[1]):  # too much, and no key picture: nothing until there is one
        backlog.add(piece)
    assert backlog.first() is None
    assert backlog.dropped == count + 1


@pytest.mark.parametrize(("url", "key", "end"), [
    ("rtmp://a.example/app", "k?x=1/2", ["-rtmp_app", "app", "-rtmp_playpath", "k?x=1/2", "rtmp://a.example/"]),
    ("rtmps://a.example:443/a/b/", "k", ["-rtmp_app", "a/b", "-rtmp_playpath", "k", "rtmps://a.example:443/"]),
    ("rtmp://a.example/app/whole", None, ["rtmp://a.example/app/whole"]),
    ("srt://a.example:7001", "#!::r=x&y", ["srt://a.example:7001?streamid=%23%21%3A%3Ar%3Dx%26y"]),
    ("srt://a.example:7001?latency=9", "k", ["srt://a.example:7001?latency=9&streamid=k"]),
])
def test_the_key_goes_where_the_protocol_has_a_place_for_it(url: str, key: str | None, end: list[str]) -> None:
    assert output_arguments(coast_tv(url=url, stream_key=key))[-len(end):] == end


@pytest.mark.parametrize("line", [
    "Error opening output rtmp://a.example/gulls/lamp-and-horn: Input/output error",
    "Server error: lamp-and-horn is taken", "srt://a.example:1?passphrase=seagulls1&streamid=lamp-and-horn",
    "streamid lamp-and-horn%3Fa%3D1",
])
def test_no_line_of_a_log_tells_a_secret(line: str) -> None:
    url = "srt://keeper:seagulls1@a.example:1/gulls?passphrase=seagulls1"
    receiver = coast_tv(url=url, stream_key="lamp-and-horn?a=1")
    shown = without_secrets(line, receiver)
    assert not [word for word in ("lamp", "seagulls1", "gulls") if word in shown]
    assert shown_place(receiver) == "srt://a.example"
    assert "lamp" not in repr(receiver)
    assert "seagulls1" not in repr(receiver)
