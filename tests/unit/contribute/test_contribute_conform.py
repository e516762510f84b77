from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from allpoints.contribute.conform import (
    convert_arguments,
    file_arguments,
    idle_live_arguments,
    live_arguments,
    speed_arguments,
    still_arguments,
    thumbnail_arguments,
)
from allpoints.contribute.facts import CONTAINERS, MediaFacts, PictureFacts, SoundFacts

PATH = Path("/media/a -evil:name.mp4")
PICTURE = PictureFacts(stream=0, codec="h264", width=1920, height=1080, aspect=16 / 9)
SOUND = SoundFacts(stream=1, codec="aac", rate=48_000, channels=2)
FACTS = MediaFacts("mov", PICTURE, SOUND, 60_000)


def after(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


@pytest.mark.parametrize(
    "arguments",
    [
        file_arguments(PATH, FACTS), thumbnail_arguments(PATH, FACTS), speed_arguments(PATH, FACTS, 2),
        convert_arguments(PATH, FACTS, Path("/media/out.mp4")), still_arguments(PATH, "png_pipe"),
        live_arguments(), idle_live_arguments(),
    ],
)
def test_every_input_is_fenced_in_before_it_is_named(arguments: list[str]) -> None:
    fence = arguments[: arguments.index("-i")]
    assert after(fence, "-protocol_whitelist") in ("file,pipe", "pipe")
    assert after(fence, "-format_whitelist") == after(fence, "-f")
    assert "-max_pixels" in fence
    assert after(arguments, "-i") in (f"file:{PATH}", "pipe:0")


def test_no_container_on_the_list_can_name_another_file() -> None:
    leading_elsewhere = {"concat", "hls", "applehttp", "dash", "sdp", "rtsp", "image2", "imf", "webm_dash_manifest",
                         "lavfi", "subfile", "ffmetadata", "tty", "sbg"}
    assert not leading_elsewhere & set(CONTAINERS)


def test_only_interlaced_pictures_are_deinterlaced() -> None:
    interlaced = msgspec.structs.replace(FACTS, picture=msgspec.structs.replace(PICTURE, interlaced=True))
    assert "bwdif" in after(file_arguments(PATH, interlaced), "-vf")
    assert "bwdif" not in after(file_arguments(PATH, FACTS), "-vf")


@pytest.mark.parametrize(("transfer", "named"), [("pq", "smpte2084"), ("hlg", "arib-std-b67")])
def test_hdr_is_brought_to_bt709(transfer: str, named: str) -> None:
    picture = msgspec.convert(msgspec.structs.asdict(PICTURE) | {"transfer": transfer}, PictureFacts)
    filters = after(file_arguments(PATH, msgspec.structs.replace(FACTS, picture=picture)), "-vf")
    assert f"tin={named}" in filters
    assert filters.index("scale=w") < filters.index("tonemap")  # small first: it is by far cheaper


def test_upright_pictures_stand_before_their_own_blur() -> None:
    upright = msgspec.structs.replace(FACTS, picture=msgspec.structs.replace(PICTURE, aspect=9 / 16))
    assert "gblur" in after(file_arguments(PATH, upright), "-vf")
    assert "gblur" not in after(file_arguments(PATH, FACTS), "-vf")


def test_pictures_between_ticks_delay_the_whole_file_onto_a_tick() -> None:
    off = msgspec.structs.replace(FACTS, picture=msgspec.structs.replace(PICTURE, starts_ms=21.0))
    assert after(file_arguments(PATH, off), "-itsoffset") == "0.019000"
    assert "-itsoffset" not in file_arguments(PATH, FACTS)


def test_sound_that_begins_late_is_read_through_an_opening_of_its_own() -> None:
    late = msgspec.structs.replace(FACTS, sound=msgspec.structs.replace(SOUND, starts_ms=30_000.0))
    arguments = file_arguments(PATH, late)
    assert arguments.count("-i") == 2
    assert "1:1" in arguments


def test_missing_tracks_are_not_made_up() -> None:
    assert "-c:a" not in file_arguments(PATH, msgspec.structs.replace(FACTS, sound=None))
    assert "-c:v" not in file_arguments(PATH, msgspec.structs.replace(FACTS, picture=None))


def test_going_on_in_the_middle_seeks_before_opening() -> None:
    arguments = file_arguments(PATH, FACTS, from_ms=12_340)
    assert after(arguments[: arguments.index("-i")], "-ss") == "12.340"


def test_only_heavy_pictures_are_measured() -> None:
    assert not FACTS.heavy
    assert msgspec.structs.replace(FACTS, picture=msgspec.structs.replace(PICTURE, width=3840, height=2160)).heavy
    assert msgspec.structs.replace(FACTS, picture=msgspec.structs.replace(PICTURE, transfer="pq")).heavy
    assert not msgspec.structs.replace(FACTS, picture=None).heavy
