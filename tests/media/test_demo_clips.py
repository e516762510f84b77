"""The demo's clips: real voices, real pictures, real files; shortened."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from allpoints.app.demo import cast, clips
from allpoints.app.demo.harbour import HarbourScene
from allpoints.app.demo.scenes import KeeperScene
from allpoints.app.demo.sound import loudness
from allpoints.app.demo.voices import NoVoice, Speech, Voice
from allpoints.stage.colours import planes_of


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> tuple[cast.Speaker, ...]:
    """Two speakers with a sentence each, and a harbour of three seconds."""
    speakers = tuple(replace(speaker, seconds=3, speech=speaker.speech[:1]) for speaker in cast.SPEAKERS[1:3])
    monkeypatch.setattr(cast, "SPEAKERS", speakers)
    monkeypatch.setattr(cast, "HARBOUR_SECONDS", 3)
    monkeypatch.setattr(cast, "HARBOUR_SPEECH", ((0.5, "Boa noite."),))
    return speakers


def test_clips_are_whole_playable_and_even(tmp_path: Path, short: tuple[cast.Speaker, ...]) -> None:
    told: list[tuple[int, int, str]] = []
    clips.make_clips(tmp_path, lambda *progress: told.append(progress))
    names = [speaker.clip for speaker in short] + [cast.HARBOUR_CLIP]
    assert told == [(number, 3, name) for number, name in enumerate(names, 1)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    for name in names:
        with av.open(tmp_path / name) as container:
            pictures = sum(1 for _ in container.decode(video=0))
        with av.open(tmp_path / name) as container:
            sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T
        assert pictures == 75
        assert abs(len(sound) - 3 * 48_000) <= 2_048
        assert loudness(sound) == pytest.approx(-18, abs=1.2)  # gating is coarse in three seconds
        assert 20 * np.log10(np.abs(sound).max()) < -1


def test_a_finished_clip_is_left_as_it_is(tmp_path: Path, short: tuple[cast.Speaker, ...]) -> None:
    for name in (*(speaker.clip for speaker in short), cast.HARBOUR_CLIP):
        (tmp_path / name).write_bytes(b"finished")
    (tmp_path / f".{cast.HARBOUR_CLIP}.77.draft").write_bytes(b"half")
    clips.make_clips(tmp_path, lambda *_: None)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"finished"}


def test_a_clip_that_fails_leaves_nothing_behind(
    tmp_path: Path, short: tuple[cast.Speaker, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cast, "SPEAKERS", (replace(short[0], voice=Voice("nobody")), *short[1:]))
    with pytest.raises(NoVoice):
        clips.make_clips(tmp_path, lambda *_: None)
    assert list(tmp_path.iterdir()) == []


def test_the_child_process_tells_how_far_it_is_and_that_it_failed(tmp_path: Path) -> None:
    for clip in clips.clips():
        (tmp_path / clip.name).write_bytes(b"finished")
    told: list[tuple[int, int, str]] = []
    clips.make_clips_aside(tmp_path, lambda *progress: told.append(progress))
    assert told[-1] == (8, 8, cast.SPEAKERS[-1].clip)
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(clips.ClipsFailed):
        clips.make_clips_aside(blocked, lambda *_: None)


def test_who_stops_listening_need_not_wait_for_the_rest(tmp_path: Path) -> None:
    for clip in clips.clips()[:1]:
        (tmp_path / clip.name).write_bytes(b"finished")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clips.make_clips_aside(tmp_path, interrupted)
    assert len([path for path in tmp_path.iterdir() if not path.name.startswith(".")]) == 1


@pytest.mark.parametrize("speaker", cast.SPEAKERS, ids=lambda speaker: speaker.spoken)
def test_every_speaker_says_every_sentence_within_the_clip(speaker: cast.Speaker) -> None:
    speech = Speech.start()
    length = sum(len(speech.say(sentence, speaker.voice)) for sentence in speaker.speech) / speech.sample_rate
    assert length + 0.42 * len(speaker.speech) + 1.1 < speaker.seconds
    assert length > 0.45 * speaker.seconds


def test_each_frame_differs_from_the_one_before() -> None:
    for scene in (KeeperScene(cast.SPEAKERS[0]), KeeperScene(cast.SPEAKERS[2])):
        frames = [planes_of(scene.frame(number, 0.0))[0].astype(int) for number in range(40, 44)]
        assert all((abs(one - other) > 1).sum() > 2_000 for one, other in pairwise(frames))


def test_the_harbours_clock_runs() -> None:
    scene = HarbourScene()
    clock = (slice(40, 110), slice(1060, 1240))
    first, same, later = (planes_of(scene.frame(number))[0][clock].astype(int) for number in (30, 36, 55))
    assert (abs(first - later) > 80).sum() > 150
    assert (abs(first - same) > 80).sum() < 20
