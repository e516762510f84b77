"""``allpoints demo``: serve, with an invented gathering in a loop and a live publisher of its own."""

from __future__ import annotations

import threading
from pathlib import Path

from allpoints.app.demo.cast import HARBOUR_CLIP
from allpoints.app.demo.clips import ClipsFailed, clips, make_clips_aside
from allpoints.app.demo.gathering import HARBOUR_SOURCE
from allpoints.app.demo_director import direct
from allpoints.app.demo_live import speaker_child
from allpoints.app.demo_plan import clips_folder, plan_demo
from allpoints.app.faults.breaker import breaker_child
from allpoints.app.orders import tell_stage
from allpoints.app.serve import serve
from allpoints.app.small_disk import mount_small_disk
from allpoints.app.supervisor import ChildSpec
from allpoints.app.terminal import Terminal
from allpoints.kernel.clock import Clock
from allpoints.kernel.folders import Folders
from allpoints.kernel.settings import Settings
from allpoints.schedule.model import Gathering
from allpoints.stage.protocol import RestartSource

RECORDINGS = 256 << 20
"""Bytes of the demo's own disk for recordings."""


def run_demo(settings: Settings, clock: Clock, terminal: Terminal) -> int:
    """Hold the demo until SIGTERM or SIGINT; returns the exit code. Raises what ``serve`` and ``plan_demo`` raise."""

    def plan(folders: Folders) -> None:
        plan_demo(folders, clock)
        mount_small_disk(folders.recordings, RECORDINGS)
        # Threads, not children of the supervisor: the bar and the supervisor's lines share one terminal. They end
        # with this process, and the child that draws the clips ends with its thread.
        for work, arguments in ((_make_clips, (folders, terminal)), (direct, (folders, clock))):
            threading.Thread(target=work, args=arguments, daemon=True).start()

    return serve(
        settings, clock, terminal.say, seed=plan,
        extra=lambda folders, gathering: [_harbour(settings, folders, gathering), breaker_child()], is_demo=True,
    )


def _make_clips(folders: Folders, terminal: Terminal) -> None:
    folder = clips_folder(folders)
    folder.mkdir(parents=True, exist_ok=True)
    with terminal.bar() as bar:
        task = bar.add_task("drawing and voicing the demo's clips", total=len(clips()))

        def one_more(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total)
            tell_stage(folders, RestartSource(source=Path(name).stem, by="demo"))  # it may wait for this clip

        already = len(list(folder.glob("*.mp4")))
        try:
            make_clips_aside(folder, one_more)
        except ClipsFailed as failed:
            terminal.say("demo", failed.sentence())
            return
    if len(list(folder.glob("*.mp4"))) > already:
        terminal.say("demo", "all clips are drawn and voiced")


def _harbour(settings: Settings, folders: Folders, gathering: Gathering) -> ChildSpec:
    key = next(source.stream_key or "" for source in gathering.sources if source.ref == HARBOUR_SOURCE)
    return speaker_child(settings, clips_folder(folders) / HARBOUR_CLIP, key)
