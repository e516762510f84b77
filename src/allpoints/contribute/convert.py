"""Makes a heavy file light: H.264 720p25 and AAC, which every machine plays with ease."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

from allpoints.contribute.conform import convert_arguments
from allpoints.contribute.probe import inspected
from allpoints.contribute.refusals import ConversionFailed, MediaMissing
from allpoints.kernel.folders import Folders
from allpoints.kernel.supervision import start_child


def conversion_of(path: Path, folders: Folders) -> Path:
    """Where the conversion of ``path`` belongs: a source whose conversion is there plays that instead.

    The name depends on the file's size and time of change, so a replaced file is not mistaken for its predecessor.
    Raises MediaMissing.
    """
    return folders.media / "converted" / f"{fingerprint(path)}.mp4"


def fingerprint(path: Path) -> str:
    """A short name for this version of the file at ``path``. Raises MediaMissing."""
    try:
        found = path.stat()
    except OSError as error:
        raise MediaMissing(name=path.name) from error
    told = f"{path.resolve()} {found.st_size} {found.st_mtime_ns}"
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def convert(path: Path, target: Path, on_progress: Callable[[float], None] = lambda _: None) -> None:
    """Convert ``path`` to ``target``, which appears only when it is whole and on the disk.

    ``on_progress`` is told the fraction done, 0 to 1, some times a second; an exception that it raises cancels. Call
    it from a thread that lives until the end. Raises a MediaRefused.
    """
    facts = inspected(path)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    with tempfile.TemporaryFile() as complaints:
        child = start_child(
            [imageio_ffmpeg.get_ffmpeg_exe(), *convert_arguments(path, facts, draft)],
            stdout=subprocess.PIPE, stderr=complaints,
        )
        assert child.stdout is not None
        try:
            for line in child.stdout:
                name, _, text = line.strip().partition(b"=")
                if name == b"out_time_us" and text.isdigit() and facts.duration_ms:
                    on_progress(min(1.0, int(text) / 1000 / facts.duration_ms))
            if child.wait() != 0:
                complaints.seek(max(0, complaints.tell() - 300))
                reason = complaints.read(300).decode("utf-8", "replace").strip().splitlines()
                raise ConversionFailed(name=path.name, reason=reason[-1] if reason else "it ended without a word")
            with draft.open("rb") as finished:
                os.fsync(finished.fileno())
            draft.replace(target)
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
            draft.unlink(missing_ok=True)
    on_progress(1.0)
