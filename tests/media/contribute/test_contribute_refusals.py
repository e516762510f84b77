"""Files that cannot be played as they are: each is refused in words, or plays what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stand_ins.clips import ffmpeg, flash_and_beep
from tests.stand_ins.playing import (
    play_to_the_end,
    sync_errors_ms,
    wait_for,
)

from allpoints.contribute.convert import conversion_of, convert
from allpoints.contribute.desk import SourceDesk
from allpoints.contribute.facts import MediaFacts
from allpoints.contribute.probe import probe
from allpoints.contribute.refusals import ConvertFirst, MediaRefused
from allpoints.contribute.source import Feed, SourceState
from allpoints.kernel.clock import SystemClock
from allpoints.kernel.folders import Folders
from allpoints.schedule.model import Localized, SourceKind, SourceRef, SourceSpec

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
OPENS = Callable[..., Feed]


def broken_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Name → file and the code of its refusal."""
    good = folder / "good.mp4"
    ffmpeg(*flash_and_beep(2, "320x180"), *X264, "-c:a", "aac", good)
    whole = good.read_bytes()
    texts: dict[str, tuple[str | bytes, str]] = {
        "zero": (b"", "media_empty"),
        "text": ("A letter about a lighthouse, saved under the wrong name.\n" * 20, "not_media"),
        "ffconcat": ("ffconcat version 1.0\nfile good.mp4\n", "not_media"),
        "playlist": ("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ngood.mp4\n#EXT-X-ENDLIST\n", "not_media"),
        "cut off before its index": (whole[: len(whole) // 2], "media_broken"),
    }
    files = {"missing": (folder / "missing.mp4", "media_missing"), "a folder": (folder, "media_missing")}
    for name, (content, code) in texts.items():
        path = folder / f"{name}.mp4"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        files[name] = (path, code)
    return files


def test_each_unplayable_file_is_refused_with_its_code_and_a_sentence(tmp_path: Path) -> None:
    for name, (path, code) in broken_files(tmp_path).items():
        with pytest.raises(MediaRefused) as refused:
            probe(path, SystemClock())
        assert refused.value.code == code, name
        assert path.name in str(refused.value)
        assert "{" not in str(refused.value)


def test_a_refused_file_says_so_and_plays_once_replaced_and_restarted(tmp_path: Path, folders: Folders) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"")
    spec = SourceSpec(SourceRef("clip"), Localized({"en": "Clip"}), SourceKind.FILE, path)
    desk = SourceDesk([spec], folders, SystemClock())
    desk.start()
    feed = desk.open(spec.ref)
    wait_for(feed, SourceState.REFUSED)
    assert feed.status().code == "media_empty"
    assert feed.pull() is None
    ffmpeg(*flash_and_beep(1, "320x180"), *X264, "-c:a", "aac", path)
    desk.restart(spec.ref)
    wait_for(feed, SourceState.READY)
    assert len(play_to_the_end(feed)) >= 25
    desk.close()


def test_a_truncated_stream_plays_what_is_there(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg(*flash_and_beep(4, "320x180"), *X264, "-c:a", "aac", tmp_path / "whole.ts")
    whole = (tmp_path / "whole.ts").read_bytes()
    (tmp_path / "cut.ts").write_bytes(whole[: len(whole) // 2])
    moments = play_to_the_end(open_file(tmp_path / "cut.ts"))
    assert 30 <= len(moments) <= 80
    assert all(abs(error) <= 5 for error in sync_errors_ms(moments[:45]))


def test_damage_in_the_middle_does_not_stop_the_file(tmp_path: Path, open_file: OPENS) -> None:
    ffmpeg(*flash_and_beep(4, "320x180"), *X264, "-g", "12", "-c:a", "aac", tmp_path / "whole.ts")
    content = bytearray((tmp_path / "whole.ts").read_bytes())
    content[len(content) // 3 : len(content) // 3 + 4000] = bytes(4000)
    (tmp_path / "damaged.ts").write_bytes(content)
    assert len(play_to_the_end(open_file(tmp_path / "damaged.ts"))) >= 90


def test_an_8k_file_is_refused_then_converted_then_plays(tmp_path: Path, open_file: OPENS, folders: Folders) -> None:
    path = tmp_path / "large.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=green:s=7680x4320:r=25:d=0.4", "-f", "lavfi", "-i", "sine=440:d=0.4", *X264,
           "-c:a", "aac", path)
    with pytest.raises(ConvertFirst, match=r"7680×4320.*Convert first"):
        probe(path, SystemClock())
    told: list[float] = []
    convert(path, conversion_of(path, folders), told.append)
    assert told[-1] == 1.0
    assert told == sorted(told)
    facts: MediaFacts = probe(conversion_of(path, folders), SystemClock())
    assert facts.picture is not None
    assert (facts.picture.codec, facts.picture.width, facts.picture.height) == ("h264", 1280, 720)
    assert 10 <= len(play_to_the_end(open_file(path))) <= 12  # the source plays its conversion by itself


def test_a_cancelled_conversion_leaves_nothing_behind(tmp_path: Path) -> None:
    ffmpeg(*flash_and_beep(4, "320x180"), *X264, "-c:a", "aac", tmp_path / "clip.mp4")

    def cancel(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "clip.mp4", tmp_path / "out" / "clip.mp4", cancel)
    assert list((tmp_path / "out").iterdir()) == []
