from __future__ import annotations

from tests.stand_ins.flv_pieces import SOUND, SOUND_HEADER, set_up, stream
from tests.stand_ins.rtmp import HEADER, KEY

from allpoints.contribute.recording.cutter import Cutter, TagReader
from allpoints.contribute.recording.disk import Disk, least_free, may_record, seconds_left
from allpoints.contribute.recording.source_recorder import Arrival
from allpoints.contribute.rtmp.chunks import AUDIO, VIDEO
from allpoints.contribute.rtmp.flv import file_header, tag


def beginnings(received: bytes, size: int = 1 << 20) -> list[int]:
    reader, cutter = TagReader(), Cutter()
    return [
        each.at
        for at in range(0, len(received), size)
        for each in reader.feed(received[at : at + size])
        if cutter.begins(each, has_picture=reader.has_picture)
    ]


def test_pieces_begin_at_a_key_picture_ten_seconds_after_the_last() -> None:
    received = set_up() + b"".join(stream(400, 25_000))
    assert beginnings(received) == [1_000, 11_000, 21_000]
    assert beginnings(received, 7) == [1_000, 11_000, 21_000]


def test_without_pictures_a_piece_begins_with_any_sound() -> None:
    sounds = b"".join(tag(AUDIO, at, SOUND) for at in range(0, 25_000, 50))
    assert beginnings(file_header(sound=True, picture=False) + tag(AUDIO, 0, SOUND_HEADER) + sounds) == [
        0, 10_000, 20_000
    ]


def test_another_set_up_begins_a_piece_that_carries_it() -> None:
    reader, cutter = TagReader(), Cutter()
    for each in reader.feed(set_up() + b"".join(stream(0, 3_000))):
        cutter.begins(each, has_picture=True)
    (same,) = reader.feed(tag(VIDEO, 3_000, HEADER))
    assert not cutter.begins(same, has_picture=True)
    assert cutter.is_open
    (other,) = reader.feed(tag(VIDEO, 3_000, HEADER + b"larger"))
    cutter.begins(other, has_picture=True)
    assert not cutter.is_open
    (key,) = reader.feed(tag(VIDEO, 3_040, KEY))
    assert cutter.begins(key, has_picture=True)
    assert HEADER + b"larger" in cutter.opening(reader.header, 3_040)


def test_a_burst_after_joining_is_as_old_as_it_is() -> None:
    arrival = Arrival()
    for at in range(0, 4_001, 100):
        arrival.came(at, 50.0)  # four seconds that were kept for whoever joins
    assert arrival.when(0) == 46.0
    arrival.settle()
    arrival.came(14_000, 75.0)  # read fifteen seconds late
    assert arrival.when(14_000) == 60.0
    arrival.settle()
    assert 60.0 <= arrival.when(14_000) <= 60.06


def test_sources_give_way_first_then_clean_then_program() -> None:
    for total in (10**8, 10**11):
        assert least_free("sources", total) > least_free("clean", total) > least_free("program", total) > 0
    disk = Disk(least_free("sources", 10**11), 10**11)
    assert may_record("sources", disk, is_recording=True)
    assert not may_record("sources", disk, is_recording=False)  # no fluttering
    assert may_record("clean", disk, is_recording=False)


def test_the_forecast_ends_where_the_first_gives_way() -> None:
    disk = Disk(12_250_000_000, 10**12)
    assert seconds_left(disk, 10**6, {"program"}) == 12_000
    assert seconds_left(disk, 10**6, {"program", "sources"}) == 10_250
    assert seconds_left(disk, 0, {"program"}) is None
    assert seconds_left(Disk(0, 10**12), 10**6, {"program"}) == 0
