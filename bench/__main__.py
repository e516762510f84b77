"""``make prove``: every bench, one after the other, each in a process of its own; the exit code is 1 when one misses
what it should reach. The long timeline is a target of its own."""

from __future__ import annotations

import subprocess
import sys

BENCHES = {
    "stage": "The stage beside the ffmpeg command line",
    "simulcast": "The ticks of the stage with receivers outside, and without",
    "hour": "An hour with a fault every two minutes",
    "peers": "The same faults beside an assembled alternative",
    "links": "Text, page and sound over weak lines",
    "players": "Bytes and time to sound beside video.js and hls.js",
    "bare": "From a bare chroot to pictures and sound",
    "bare --wheel": "The same by the wheel, without make and git",
}

if __name__ == "__main__":
    missed = []
    for name, title in BENCHES.items():
        print(f"{title}:", flush=True)
        if subprocess.run([sys.executable, "-m", *f"bench.{name}".split()], check=False).returncode:
            missed.append(name)
    sys.exit(f"Missed: {', '.join(missed)}" if missed else 0)
