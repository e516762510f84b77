"""Finds out whether a file can be aired, before anybody relies on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import msgspec

from allpoints.contribute.conform import speed_arguments
from allpoints.contribute.facts import LEAST_SPEED, MOST_PLAYABLE_PIXELS, MediaFacts
from allpoints.contribute.refusals import REFUSALS, ConvertFirst, MediaBroken, MediaEmpty, MediaMissing
from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import start_child

TIME_LIMIT = 30.0
_MEASURED_SECONDS = 2.5


class _Refusal(msgspec.Struct, tag_field=None):
    refusal: str
    width: int = 0
    height: int = 0


def probe(path: Path, clock: Clock) -> MediaFacts:
    """Inspect ``path`` in a child process; for heavy pictures also measure how fast they decode here.

    Takes about 0.4 s, for heavy pictures up to 5 s. Call it from a thread that lives as long as the process.
    Raises a MediaRefused with a sentence for people: ConvertFirst when it decodes, but not fast enough.
    """
    facts = inspected(path)
    picture = facts.picture
    if picture is None or not facts.heavy:
        return facts
    too_heavy = ConvertFirst(name=path.name, width=picture.width, height=picture.height)
    if picture.width * picture.height > MOST_PLAYABLE_PIXELS:
        raise too_heavy
    speed = _decoding_speed(path, facts, clock)
    if speed < LEAST_SPEED:
        raise too_heavy
    return msgspec.structs.replace(facts, speed=speed)


def inspected(path: Path) -> MediaFacts:
    """The facts of ``path`` whatever its weight: for converting. Raises a MediaRefused, but never ConvertFirst."""
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise MediaMissing(name=path.name) from error
    if size == 0:
        raise MediaEmpty(name=path.name)
    child = start_child(
        [sys.executable, "-m", "allpoints.contribute.inspection", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    try:
        answer, _ = child.communicate(timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise MediaBroken(name=path.name) from None
    try:
        return msgspec.json.decode(answer, type=MediaFacts)
    except msgspec.MsgspecError:
        pass
    try:
        refusal = msgspec.json.decode(answer, type=_Refusal)
    except msgspec.MsgspecError:  # it died of its limits, or of the file
        raise MediaBroken(name=path.name) from None
    measures = {"width": refusal.width, "height": refusal.height} if refusal.width else {}
    raise REFUSALS.get(refusal.refusal, MediaBroken)(name=path.name, **measures)


def _decoding_speed(path: Path, facts: MediaFacts, clock: Clock) -> float:
    """How many times faster than real time the file is conformed here and now."""
    seconds = min(_MEASURED_SECONDS, (facts.duration_ms or 60_000) / 1000)
    began = clock.monotonic()
    child = start_child(
        [imageio_ffmpeg.get_ffmpeg_exe(), *speed_arguments(path, facts, seconds)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        child.wait(2 * seconds / LEAST_SPEED + 1)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return 0.0
    return seconds / max(0.001, clock.monotonic() - began)
