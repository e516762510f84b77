"""Clips for tests, made by Debian's ffmpeg on the spot: flashes with beeps, and plain colours."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

FFMPEG = "/usr/bin/ffmpeg"


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg; a failure shows its words."""
    done = subprocess.run(
        [FFMPEG, "-hide_banner", "-loglevel", "error", "-y", *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()


def flash_and_beep(seconds: int, size: str = "1280x720", rate: str = "25") -> list[str]:
    """Input arguments: dark grey that is white for 80 ms at each full second, with a 1 kHz beep of 80 ms then."""
    return [
        "-f", "lavfi", "-i",
        f"color=0x202020:s={size}:r={rate}:d={seconds},drawbox=c=white:t=fill:enable='lt(mod(t,1),0.079)'",
        "-f", "lavfi", "-i",
        f"aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.08)':s=48000:d={seconds}",
    ]


def coloured(colour: str, tone: int, seconds: int, size: str = "640x360", rate: str = "25") -> list[str]:
    """Input arguments: one plain colour with a steady tone."""
    return [
        "-f", "lavfi", "-i", f"color={colour}:s={size}:r={rate}:d={seconds}",
        "-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000:d={seconds}",
    ]


H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest")


def make(path: Path, source: Sequence[str], codecs: Sequence[str] = H264) -> Path:
    """Encode ``source`` to ``path`` and return it."""
    ffmpeg(*source, *codecs, path)
    return path


def publish(path: Path, url: str) -> subprocess.Popen[bytes]:
    """A live publisher: sends ``path`` over and over in real time. The caller ends it."""
    return subprocess.Popen(
        [FFMPEG, "-hide_banner", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(path), "-c", "copy",
         "-f", "flv", url],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
