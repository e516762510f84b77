"""A recorder as a process, to be killed: ``python -m tests.media.publish.recorder DATA MEMORY``."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests.stand_ins.recording import program_recorder

from allpoints.kernel.folders import Folders

if __name__ == "__main__":
    program_recorder(Folders(Path(sys.argv[1]), Path(sys.argv[2])), "small").start()
    threading.Event().wait()
