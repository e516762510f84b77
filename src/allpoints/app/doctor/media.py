"""Can pictures, sound and text really be made here?"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from fractions import Fraction

import av
import imageio_ffmpeg
import numpy as np

from allpoints.app.doctor.finding import Finding, doubtful, well, wrong
from allpoints.contribute.source import HEIGHT, WIDTH
from allpoints.kernel.clock import Clock
from allpoints.kernel.supervision import start_child
from allpoints.kernel.text.fonts import Style
from allpoints.kernel.text.shaping import missing_characters, shape_line
from allpoints.kernel.timeline import SAMPLE_RATE, TICKS_PER_SECOND

REINSTALL = "Install Allpoints anew (make clean run): its wheels bring the codecs with them."
COMFORTABLE_SPEED = 2.5
"""How many times faster than real time one 720p encoder alone should run for the whole ladder to keep up."""

SCRIPTS = {"Latin": "Gathering", "Persian": "گردهمایی", "Arabic": "تجمّع", "Devanagari": "सम्मेलन", "Chinese": "大会"}


def check_pictures(clock: Clock) -> Iterator[Finding]:
    """Encodes two seconds of moving 720p with x264."""
    hills = np.add.outer(np.arange(HEIGHT * 3 // 2), np.arange(2 * WIDTH)) % 200
    grain = np.random.default_rng(1).integers(16, 40, hills.shape)
    wide = (hills + grain).astype(np.uint8)
    began = clock.monotonic()
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=TICKS_PER_SECOND, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for tick in range(2 * TICKS_PER_SECOND):
            picture = np.ascontiguousarray(wide[:, 4 * tick:4 * tick + WIDTH])
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = tick, Fraction(1, TICKS_PER_SECOND)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    speed = 2 / (clock.monotonic() - began)
    said = f"x264 encodes 720p at {speed:.1f} times real time"
    if speed >= COMFORTABLE_SPEED:
        yield well("Pictures", said)
    else:
        yield doubtful("Pictures", said, "End other programs or use --ladder small: the ladder may fall behind.")


def check_sound() -> Iterator[Finding]:
    """Encodes a second of sound with each codec of the ladder."""
    for codec in ("aac", "libopus"):
        sink = io.BytesIO()
        with av.open(sink, "w", format="mp4") as container:
            stream = container.add_stream(codec, rate=SAMPLE_RATE, layout="stereo")
            sound = av.AudioFrame.from_ndarray(np.zeros((2, SAMPLE_RATE), np.float32), format="fltp", layout="stereo")
            sound.sample_rate = SAMPLE_RATE
            container.mux(stream.encode(sound))
            container.mux(stream.encode(None))
        yield well(f"Sound ({codec.removeprefix('lib')})", f"a second takes {len(sink.getbuffer()):,} bytes")


def check_source_child() -> Iterator[Finding]:
    """Runs the ffmpeg that every source's child is, to raw pictures over a pipe."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    moving = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1")
    child = start_child(
        [program, "-v", "error", *moving, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    out, err = child.communicate(timeout=20)
    if len(out) == 25 * 320 * 180 * 3 // 2:
        yield well("Sources", "ffmpeg runs as a child and gives pictures")
    else:
        yield wrong("Sources", f"ffmpeg failed: {err.decode(errors='replace').strip()[-200:]}", REINSTALL)


def check_text() -> Iterator[Finding]:
    """Shapes a word of each script; Arabic letters must join, which unshaped text does not."""
    missing = {name for name, word in SCRIPTS.items() if missing_characters(word)}
    joined = {glyph.number for glyph in shape_line("سلم", Style.TEXT).glyphs}
    alone = {glyph.number for letter in "سلم" for glyph in shape_line(letter, Style.TEXT).glyphs}
    if missing or joined == alone:
        yield wrong("Text", f"cannot be drawn in {', '.join(sorted(missing)) or 'Arabic script'}", REINSTALL)
    else:
        yield well("Text", f"drawn in {', '.join(SCRIPTS)} with the fonts shipped")
