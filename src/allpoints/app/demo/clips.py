"""The demo's clips, drawn, voiced and encoded by the project itself: seven speeches and a live harbour."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from allpoints.app.demo import cast
from allpoints.app.demo.cast import Speaker
from allpoints.app.demo.harbour import HarbourScene
from allpoints.app.demo.scenes import KeeperScene
from allpoints.app.demo.sound import Stereo, bell, in_a_room, mastered, opening, resampled, sea
from allpoints.app.demo.voices import Speech
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.errors import AllpointsError
from allpoints.kernel.supervision import start_child
from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_SECOND

OnProgress = Callable[[int, int, str], None]
"""Called with how many clips are finished, how many there are, and the name of the one that was finished last."""

_PAUSE = round(0.42 * SAMPLE_RATE)
_LEAD = round(1.1 * SAMPLE_RATE)
_AAC_SAMPLES = 1024


class ClipsFailed(AllpointsError):
    """The child process that makes the demo's clips ended before it had made them all."""

    code = "clips_failed"
    status = 500
    for_people = "The demo's clips could not be made ({reason}). Start the demo again; what is finished is kept."


@dataclass(frozen=True)
class Clip:
    """One clip to be made; ``make`` writes it to a path."""

    name: str
    make: Callable[[Path, Speech], None]


def clips() -> list[Clip]:
    """All clips in the order in which they are made, which is that of their first appearance."""
    speeches = [Clip(speaker.clip, partial(_make_speech, speaker)) for speaker in cast.SPEAKERS]
    return [*speeches[:3], Clip(cast.HARBOUR_CLIP, _make_harbour), *speeches[3:]]


def make_clips(folder: Path, on_progress: OnProgress) -> None:
    """Make every clip that ``folder`` does not hold yet, one after another; a clip appears only when it is whole.

    Takes about half a minute of one core, so the demo calls ``make_clips_aside`` instead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left_behind in folder.glob(".*.mp4.*.draft"):  # by a maker that was killed
        left_behind.unlink()
    wanted = clips()
    speech = Speech.start()
    for done, clip in enumerate(wanted, 1):
        path = folder / clip.name
        if not path.exists():
            draft = folder / f".{clip.name}.{os.getpid()}.draft"
            try:
                clip.make(draft, speech)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        on_progress(done, len(wanted), clip.name)


def make_clips_aside(folder: Path, on_progress: OnProgress) -> None:
    """The same in a child process of low priority; blocks the calling thread, which must live as long as the child.

    Raises ClipsFailed.
    """
    child = start_child([sys.executable, "-m", __name__, str(folder)], stdout=subprocess.PIPE, own_group=True)
    assert child.stdout is not None
    with child, child.stdout as told:
        try:
            for line in told:
                done, total, name = line.decode().split()
                on_progress(int(done), int(total), name)
        except BaseException:
            child.kill()  # whoever listened is gone; without this, leaving would wait for every clip
            raise
    if child.returncode:
        raise ClipsFailed(reason=f"code {child.returncode}")


def _make_speech(speaker: Speaker, path: Path, speech: Speech) -> None:
    silence = np.zeros(_PAUSE, np.float32)
    sentences = [resampled(speech.say(sentence, speaker.voice), speech.sample_rate) for sentence in speaker.speech]
    voice = np.concatenate([part for sentence in sentences for part in (sentence, silence)])
    samples = speaker.seconds * SAMPLE_RATE
    seed = len(speaker.key) + speaker.seconds
    scene = KeeperScene(speaker)
    sound = in_a_room(voice, samples, _LEAD, scene.place, seed)
    mouth = opening(sound, TICKS_PER_SECOND)
    rough = speaker.sky in ("storm", "monsoon")
    level = float(np.sqrt(np.mean(np.square(sound))))
    pictures = (scene.frame(number, float(mouth[number])) for number in range(speaker.seconds * TICKS_PER_SECOND))
    surf = sea(samples, (0.11 if rough else 0.05) * level, seed)
    encode(path, pictures, mastered(sound + surf), quality=28 if rough else 22)  # rain costs bits and hides faults


def _make_harbour(path: Path, speech: Speech) -> None:
    samples = cast.HARBOUR_SECONDS * SAMPLE_RATE
    sound = np.zeros((samples, 2), np.float32)
    for start, sentence in cast.HARBOUR_SPEECH:
        voice = resampled(speech.say(sentence, cast.HARBOUR_VOICE), speech.sample_rate)
        sound += in_a_room(voice, samples, round(start * SAMPLE_RATE), 0.0, 5)
    level = float(np.sqrt(np.mean(np.square(sound))))
    sound += sea(samples, 0.22 * level, 6) + bell(samples, 14.0) * np.float32(1.6 * level)
    scene = HarbourScene()
    encode(path, map(scene.frame, range(cast.HARBOUR_SECONDS * TICKS_PER_SECOND)), mastered(sound), 22)


def encode(path: Path, pictures: Iterator[av.VideoFrame], sound: Stereo, quality: int) -> None:
    """Write an MP4 with H.264 and AAC, ready to be streamed as it is."""
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", TICKS_PER_SECOND)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.options = {"preset": "ultrafast", "crf": str(quality), "g": "50", "bf": "0", "threads": "2"}
        context = video.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        audio = container.add_stream("aac", SAMPLE_RATE, layout="stereo", bit_rate=128_000)
        heard = 0
        for number, picture in enumerate(pictures):
            picture.pts, picture.time_base = number, Fraction(1, TICKS_PER_SECOND)
            container.mux(video.encode(picture))
            while heard < len(sound) and heard * TICKS_PER_SECOND <= number * SAMPLE_RATE:
                part = np.ascontiguousarray(sound[heard:heard + _AAC_SAMPLES].T)
                frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
                frame.pts, frame.sample_rate, frame.time_base = heard, SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
                container.mux(audio.encode(frame))
                heard += part.shape[1]
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _tell(done: int, total: int, name: str) -> None:
    sys.stdout.write(f"{done} {total} {name}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.nice(10)
    make_clips(Path(sys.argv[1]), _tell)
