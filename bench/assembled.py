"""What people assemble of Debian's parts for the same purpose: nginx with its RTMP module, ffmpeg, and shell loops.

A publisher loops a file into nginx over RTMP; nginx runs ffmpeg on it, which pushes three renditions back; nginx cuts
these into HLS and serves them, and records what comes in. Its settings are the careful ones: whatever ends is started
again, numbers go on after a break, segments lie in memory, recordings on a disk of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from allpoints.app.faults.processes import children, command
from allpoints.app.faults.shortage import fill
from allpoints.app.ports import a_free_port

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
NAME = "show"
RENDITIONS = ((480, 854, 800), (240, 426, 260), (144, 256, 90))
"""Height, width, kbit/s: the small ladder's."""

HUNG_SECONDS, FULL_SECONDS, STEPPED_SECONDS = 10.0, 6.0, 5.0


def missing() -> str:
    """What is not installed of the parts; empty when all is."""
    parts = ("/usr/sbin/nginx", "/usr/lib/nginx/modules/ngx_rtmp_module.so", "/usr/bin/ffmpeg", str(FAKETIME))
    return ", ".join(part for part in parts if not Path(part).exists())


class Assembled:
    """The alternative, beneath ``folder``; ``segments`` and ``recordings`` are folders that may be small disks."""

    def __init__(self, folder: Path, clip: Path) -> None:
        self.port, self._rtmp = a_free_port(), a_free_port()
        self.segments, self.recordings = folder / "segments", folder / "recordings"
        self._folder = folder
        self._clip = clip
        self._loops: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def live(self) -> str:
        """Where its playlists are."""
        return f"http://127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Start both loops; returns at once."""
        for folder in (self.segments, self.recordings, self._folder / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        self._step(0)
        conf = self._folder / "nginx.conf"
        conf.write_text(self._configuration())
        self._loop("nginx", f"/usr/sbin/nginx -p {self._folder} -c {conf}")
        self._loop("publisher", f"/usr/bin/ffmpeg -nostdin -loglevel error -re -stream_loop -1 -i {self._clip} "
                                f"-c copy -f flv rtmp://127.0.0.1:{self._rtmp}/in/{NAME}")

    def stop(self) -> None:
        """End all of it."""
        for loop in self._loops.values():
            os.killpg(loop.pid, signal.SIGKILL)
            loop.wait()

    def faults(self) -> Mapping[str, Callable[[], object]]:
        """The faults by the code of ours: each call causes one and undoes what does not heal by itself."""
        return {
            "kill-stage": lambda: self._kill(self._transcoder()),
            "hang-stage": lambda: self._hang(self._transcoder()),
            "kill-web": lambda: self._kill(self._worker()),
            "cut-speaker": lambda: self._kill(children(self._loops["publisher"].pid)[0]),
            "fill-disk": lambda: self._fill(self.recordings),
            "fill-memory": lambda: self._fill(self.segments),
            "clock-forward": lambda: self._stepped(3600),
            "clock-back": lambda: self._stepped(-3600),
        }

    def _kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def _hang(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(HUNG_SECONDS)
        os.kill(pid, signal.SIGCONT)

    def _fill(self, folder: Path) -> None:
        ballast = folder / "ballast"
        try:
            fill(ballast)
            time.sleep(FULL_SECONDS)
        finally:
            ballast.unlink()

    def _stepped(self, seconds: int) -> None:
        self._step(seconds)
        time.sleep(STEPPED_SECONDS)
        self._step(0)

    def _step(self, seconds: int) -> None:
        draft = self._folder / "faketime.draft"
        draft.write_text(f"{seconds:+d}\n")
        draft.rename(self._folder / "faketime")

    def _worker(self) -> int:
        """The nginx process that serves and takes publishers: the master's only child."""
        return children(children(self._loops["nginx"].pid)[0])[0]

    def _transcoder(self) -> int:
        return next(pid for pid in children(self._worker()) if "ffmpeg" in command(pid)[0])

    def _loop(self, name: str, line: str) -> None:
        with (self._folder / "logs" / f"{name}.log").open("wb") as log:
            self._loops[name] = subprocess.Popen(
                ["/bin/sh", "-c", f"while :; do {line}; sleep 1; done"], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, env=os.environ | self._faked(),
            )

    def _faked(self) -> dict[str, str]:
        """Its clock is that of the machine, moved by what the file says; as ours, never the machine's own."""
        return {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self._folder / "faketime"),
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_CACHE_DURATION": "1"}

    def _configuration(self) -> str:
        rtmp = f"rtmp://127.0.0.1:{self._rtmp}"
        outputs = " ".join(
            f"-c:v libx264 -preset superfast -s {width}x{height} -b:v {rate}k -maxrate {rate * 6 // 5}k -bufsize "
            f"{rate}k -g 50 -sc_threshold 0 -c:a aac -b:a 64k -f flv {rtmp}/hls/{NAME}_{height}"
            for height, width, rate in RENDITIONS
        )
        variants = "\n".join(f"hls_variant _{height} BANDWIDTH={rate * 1250};" for height, _, rate in RENDITIONS)
        passed_on = "\n".join(f"env {name};" for name in self._faked())
        return f"""
            load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
            user root; worker_processes 1; daemon off; pid {self._folder}/pid;
            error_log {self._folder}/logs/error.log;
            {passed_on}
            events {{ }}
            rtmp {{ server {{
                listen 127.0.0.1:{self._rtmp}; respawn on; respawn_timeout 1s; drop_idle_publisher 10s;
                application in {{
                    live on; record all; record_path {self.recordings}; record_unique on; record_interval 10m;
                    exec_push /usr/bin/ffmpeg -nostdin -loglevel error -i {rtmp}/in/$name {outputs};
                }}
                application hls {{
                    live on; hls on; hls_path {self.segments}; hls_nested on; hls_cleanup on; hls_continuous on;
                    hls_fragment 2s; hls_playlist_length 60s; {variants}
                }}
            }} }}
            http {{
                access_log off; types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
                server {{
                    listen 127.0.0.1:{self.port};
                    location /live/ {{
                        alias {self.segments}/; add_header Cache-Control no-cache;
                        add_header Access-Control-Allow-Origin * always;
                    }}
                }}
            }}
        """


@contextmanager
def assembled(folder: Path, clip: Path) -> Iterator[Assembled]:
    """The alternative, running."""
    made = Assembled(folder, clip)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder / "logs", ignore_errors=True)
