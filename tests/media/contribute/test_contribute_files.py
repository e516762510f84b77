"""Real files of many makes: each feeds exact ticks in sync, or is refused with its code."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from tests.stand_ins.clips import ffmpeg, flash_and_beep
from tests.stand_ins.playing import (
    assert_exact_shape,
    colour,
    luma,
    play_for,
    play_to_the_end,
    sync_errors_ms,
    wait_for,
)

from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.probe import inspected
from allpoints.contribute.source import Feed, SourceState
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.kernel.supervision import start_child
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec

SECONDS = 2
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
OPENS = Callable[..., Feed]


def product_ffmpeg(*arguments: str | Path) -> None:
    """The product's own ffmpeg, for what Debian's cannot make."""
    child = start_child([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)])
    assert child.wait(60) == 0


COSTLY = pytest.mark.alone  # a machine that is busy with something else refuses what costs so much to decode
HEVC_PQ = (
    "-vf", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
    "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "-c:a", "aac",
)
MPEG2 = (
    "-vf", "scale=720:576,setsar=64/45,interlace", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-b:v", "4M",
    "-c:a", "mp2",
)
FILES: list[tuple[str, str, str, Sequence[str]]] = [
    ("h264.mp4", "640x360", "25", (*X264, "-bf", "2", "-c:a", "aac")),
    ("h264.ts", "640x360", "25", (*X264, "-c:a", "aac")),
    ("hevc-pq.mp4", "640x360", "25", HEVC_PQ),
    ("interlaced.mpg", "1024x576", "50", MPEG2),
    ("vp9.webm", "640x360", "25",
     ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")),
    ("mjpeg.avi", "640x360", "25", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")),
    ("four-to-three.mp4", "640x480", "25", (*X264, "-c:a", "aac")),
    ("vertical.mp4", "360x640", "25", (*X264, "-c:a", "aac")),
    ("fifty.mp4", "640x360", "50", (*X264, "-c:a", "aac")),
    ("mono.mp4", "640x360", "25", (*X264, "-ar", "44100", "-ac", "1", "-c:a", "aac")),
    ("surround.mkv", "640x360", "25",
     (*X264, "-af", "pan=5.1|FL=c0|FR=c0|FC=0*c0|LFE=0*c0|BL=0*c0|BR=0*c0", "-c:a", "ac3")),
    ("variable.mkv", "640x360", "25",
     ("-vf", "select='lt(mod(n,25),4)+not(mod(n,3))'", "-vsync", "vfr", *X264, "-c:a", "aac")),
]


OFF_IN_THEMSELVES = {
    "interlaced.mpg": "MPEG layer 2 has a delay of 10 ms",
    "vp9.webm": "ffmpeg 5.1 writes Opus 7 ms early",
}


@pytest.mark.parametrize(("name", "size", "rate", "codecs"), [
    pytest.param(*file, id=file[0], marks=COSTLY if file[3] is HEVC_PQ else ()) for file in FILES
])
def test_any_common_file_plays_in_exact_ticks_and_in_sync(
    tmp_path: Path, open_file: OPENS, name: str, size: str, rate: str, codecs: Sequence[str]
) -> None:
    ffmpeg(*flash_and_beep(SECONDS, size, rate), *codecs, tmp_path / name)
    moments = play_to_the_end(open_file(tmp_path / name))
    assert_exact_shape(moments)
    assert SECONDS * 25 <= len(moments) <= SECONDS * 25 + 3
    errors = sync_errors_ms(moments)
    assert len(errors) >= SECONDS - 1
    assert all(-25 <= error <= 25 for error in errors)
    assert all(abs(error) <= 5 for error in errors) or name in OFF_IN_THEMSELVES


def test_thirty_pictures_a_second_stay_within_half_a_tick(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg(*flash_and_beep(SECONDS, "640x360", "30000/1001"), *X264, "-c:a", "aac", tmp_path / "ntsc.mp4")
    errors = sync_errors_ms(play_to_the_end(open_file(tmp_path / "ntsc.mp4")))
    assert errors
    assert all(abs(error) <= 25 for error in errors)


def test_a_rotated_picture_stands_upright(tmp_path: Path, open_file: OPENS) -> None:
    """Red above blue, stored lying on its side as phones do."""
    ffmpeg("-f", "lavfi", "-i", "color=red:s=360x320:d=1", "-f", "lavfi", "-i", "color=blue:s=360x320:d=1",
           "-filter_complex", "[0][1]vstack,transpose=cclock", *X264, tmp_path / "lying.mp4")
    product_ffmpeg("-display_rotation", "-90", "-i", tmp_path / "lying.mp4", "-c", "copy", tmp_path / "rotated.mp4")
    facts = inspected(tmp_path / "rotated.mp4")
    assert facts.picture is not None
    assert facts.picture.aspect == pytest.approx(360 / 640)
    picture = play_to_the_end(open_file(tmp_path / "rotated.mp4"))[5].picture
    assert colour(picture, 640, 100)[2] > 200  # red
    assert colour(picture, 640, 620)[1] > 200  # blue
    assert 16 < luma(picture, 100, 100) < 60  # beside it a dark blur, not black


def test_a_wide_picture_is_letterboxed_with_square_pixels(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=white:s=720x576:d=1,setsar=2/1", *X264, tmp_path / "wide.mkv")
    picture = play_to_the_end(open_file(tmp_path / "wide.mkv"))[5].picture
    assert luma(picture, 640, 360) > 220
    assert luma(picture, 5, 360) > 220
    top = (720 - 1280 / 2.5) / 2
    assert luma(picture, 640, round(top) - 6) < 40
    assert luma(picture, 640, round(top) + 6) > 220


@COSTLY
def test_hdr_white_comes_out_bright_and_neutral(tmp_path: Path, open_file: OPENS) -> None:
    white = "color=0x949494:s=640x360:d=1"  # 0.58 in PQ: 203 cd/m², the white of a page
    ffmpeg("-f", "lavfi", "-i", white, *HEVC_PQ[:-2], tmp_path / "white.mp4")
    facts = inspected(tmp_path / "white.mp4")
    assert facts.picture is not None
    assert facts.picture.transfer == "pq"
    y, blue, red = colour(play_to_the_end(open_file(tmp_path / "white.mp4"))[5].picture)
    assert y > 150
    assert abs(blue - 128) <= 3
    assert abs(red - 128) <= 3


def test_a_picture_without_sound_is_silent(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=640x360:r=25:d=2", *X264, tmp_path / "silent.mp4")
    moments = play_to_the_end(open_file(tmp_path / "silent.mp4"))
    assert_exact_shape(moments)
    assert len(moments) == 50
    assert not any(moment.sound.any() for moment in moments)


def test_sound_without_a_picture_shows_a_card(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=440:d=2", "-c:a", "aac", tmp_path / "sound.m4a")
    moments = play_to_the_end(open_file(tmp_path / "sound.m4a"))
    assert_exact_shape(moments)
    assert 50 <= len(moments) <= 52
    assert np.abs(moments[10].sound).max() > 0.05
    assert moments[0].picture is moments[-1].picture


def test_sound_that_begins_late_and_ends_late_stays_in_sync(tmp_path: Path, open_file: OPENS) -> None:
    clip, late = tmp_path / "clip.mkv", tmp_path / "late.mkv"
    ffmpeg(*flash_and_beep(6, "320x180"), *X264, "-c:a", "aac", clip)
    ffmpeg("-t", "4", "-i", clip, "-itsoffset", "2", "-t", "6", "-i", clip, "-map", "0:v", "-map", "1:a",
           "-c", "copy", late)
    moments = play_to_the_end(open_file(late))
    assert 150 <= len(moments) <= 153  # the last picture is held under the rest of the sound
    assert not any(moment.sound.any() for moment in moments[:45])
    assert all(abs(error) <= 5 for error in sync_errors_ms(moments[55:]))


def test_a_loop_has_no_seam(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg(*flash_and_beep(2, "640x360"), *X264, "-c:a", "aac", tmp_path / "loop.mp4")
    feed = open_file(tmp_path / "loop.mp4", loop=True)
    wait_for(feed, SourceState.READY)
    played = play_for(feed, 110)
    assert None not in played
    errors = sync_errors_ms(played)
    assert len(errors) == 4
    assert all(abs(error) <= 5 for error in errors)
    feed.close()


def test_two_feeds_of_one_file_play_at_once_and_closing_one_leaves_the_other(
    tmp_path: Path, folders: Folders
) -> None:
    ffmpeg(*flash_and_beep(4, "320x180"), *X264, "-c:a", "aac", tmp_path / "clip.mp4")
    spec = SourceSpec(SourceRef("clip"), Localized({"en": "Clip"}), SourceKind.FILE, tmp_path / "clip.mp4")
    desk = SourceDesk([spec], folders, SystemClock())
    desk.start()
    fading = desk.open(spec.ref)
    wait_for(fading, SourceState.READY)
    assert None not in play_for(fading, 30)
    again = desk.open(spec.ref)
    wait_for(again, SourceState.READY)
    first = again.pull()
    assert first is not None
    assert luma(first.picture) > 150  # it begins with its own first flash
    fading.close()
    assert fading.pull() is None
    assert None not in play_for(again, 20)
    desk.restart(spec.ref)
    wait_for(again, SourceState.READY)
    assert len(play_to_the_end(again)) == 100 - 21
    again.close()
    desk.close()


def test_a_file_is_ready_soon_and_read_ahead_no_further_than_a_second(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg(*flash_and_beep(20, "320x180"), *X264, "-c:a", "aac", tmp_path / "long.mp4")
    feed = open_file(tmp_path / "long.mp4")
    assert wait_for(feed, SourceState.READY) < 3
    assert None not in play_for(feed, 30)
    assert feed.status().remaining_ms == 20_000 - 30 * 40
    feed.close()


def test_stills_are_one_endless_silent_picture(tmp_path: Path, open_file: OPENS, folders: Folders) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=blue:s=500x900", "-frames:v", "1", tmp_path / "still.png")
    feed = open_file(tmp_path / "still.png", SourceKind.STILL)
    wait_for(feed, SourceState.READY)
    one, two = feed.pull(), feed.pull()
    assert one is not None
    assert two is not None
    assert_exact_shape([one, two])
    assert one.picture is two.picture
    assert colour(one.picture)[1] > 200
    small = folders.pictures / "source-clip.jpg"
    for _ in range(500):  # it is drawn beside the feed, not before it
        if small.exists():
            break
        time.sleep(0.01)
    assert inspect_size(small) == (480, 270)


def inspect_size(jpeg: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(jpeg) as image:
        return image.size


def test_an_idle_file_gets_one_small_picture(tmp_path: Path, folders: Folders) -> None:
    ffmpeg(*flash_and_beep(2, "640x360"), *X264, "-c:a", "aac", tmp_path / "clip.mp4")
    spec = SourceSpec(SourceRef("clip"), Localized({"en": "Clip"}), SourceKind.FILE, tmp_path / "clip.mp4")
    desk = SourceDesk([spec], folders, SystemClock())
    desk.start()
    small = folders.pictures / "source-clip.jpg"
    for _ in range(500):
        if small.exists():
            break
        SystemClock().sleep(0.01)
    assert inspect_size(small) == (480, 270)
    (row,) = desk.rows()
    assert (row.name, row.kind, row.status.state) == ("Clip", "file", SourceState.IDLE)
    desk.close()


ORPHANAGE = """
import sys, time
from pathlib import Path
from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.source import SourceState
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec
folders = Folders.beneath(Path(sys.argv[1]))
folders.make()
desk = SourceDesk([SourceSpec(SourceRef("clip"), Localized({"en": "Clip"}), SourceKind.FILE, Path(sys.argv[2]))],
                  folders, SystemClock())
desk.start()
feed = desk.open(SourceRef("clip"))
while feed.status().state is not SourceState.READY:
    time.sleep(0.01)
print(feed._child.pid, flush=True)
time.sleep(60)
"""


def test_children_do_not_outlive_a_desk_that_is_killed(tmp_path: Path) -> None:
    ffmpeg(*flash_and_beep(20, "320x180"), *X264, "-c:a", "aac", tmp_path / "long.mp4")
    desk = subprocess.Popen(
        [sys.executable, "-c", ORPHANAGE, str(tmp_path / "data"), str(tmp_path / "long.mp4")], stdout=subprocess.PIPE
    )
    with desk:
        assert desk.stdout is not None
        child = int(desk.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        desk.kill()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists():
            break
        SystemClock().sleep(0.02)
    assert not Path(f"/proc/{child}").exists()
