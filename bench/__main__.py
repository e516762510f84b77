"""``make prove``: every bench, one after the other; the exit code is 1 when one misses what it should reach."""

from __future__ import annotations

import sys

from bench import bare, stage

if __name__ == "__main__":
    print("The stage beside the ffmpeg command line:", flush=True)
    missed = not stage.run()
    print("From a bare chroot to pictures and sound:", flush=True)
    sys.argv = sys.argv[:1]
    missed |= bare.main() != 0
    sys.exit(missed)
