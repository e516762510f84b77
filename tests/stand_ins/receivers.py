"""Receivers for the simulcast: ffmpeg as a listener, nginx that records, and what becomes of what they took."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import av
import imageio_ffmpeg

from allpoints.kernel.folders import Folders
from allpoints.publish.demuxed import demuxed
from allpoints.publish.released import released_segments


@contextmanager
def ffmpeg_listener(url: str, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """ffmpeg waiting for one sender at ``url`` (rtmp: or srt:), keeping what comes as it is."""
    listening = ["-listen", "1"] if url.startswith("rtmp") else []
    process = subprocess.Popen(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y", *listening, "-i", url,
         "-map", "0", "-c", "copy", "-flush_packets", "1", str(file)],
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def nginx_recorder(port: int, folder: Path, *, key: str) -> Iterator[None]:
    """Debian's nginx with the RTMP module: who names the right key is recorded to ``<key>.flv``."""
    with _doorkeeper(key) as door:
        (folder / "logs").mkdir(parents=True)
        (folder / "nginx.conf").write_text(f"""
            load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
            daemon off; master_process off; pid {folder}/pid; error_log {folder}/logs/error.log;
            events {{ }}
            rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{
                live on; record all; record_path {folder}; on_publish http://127.0.0.1:{door}/;
            }} }} }}
        """)
        process = subprocess.Popen(["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
                                   stderr=subprocess.DEVNULL)
        try:
            _wait_for_port(port)
            yield
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _doorkeeper(key: str) -> Iterator[int]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            named = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()).get("name")
            self.send_response(200 if named == [key] else 403)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _wait_for_port(port: int, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < until, f"nothing listens on {port}"
            time.sleep(0.05)


@dataclass(frozen=True)
class Taken:
    """What a receiver took of one kind: presentation times in seconds, and the contents' hashes."""

    times: list[Fraction]
    contents: list[str]

    def deltas(self) -> set[Fraction]:
        """The distinct steps between neighbours."""
        return {after - before for before, after in zip(self.times, self.times[1:], strict=False)}


def taken(file: Path) -> dict[str, Taken]:
    """The packets in a file, by "video" and "audio"."""
    found = {"video": Taken([], []), "audio": Taken([], [])}
    with av.open(str(file), "r") as container:
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                track = found[packet.stream.type]
                track.times.append(packet.pts * packet.time_base)
                track.contents.append(hashlib.sha256(bytes(packet)).hexdigest())
    return found


def released_contents(folders: Folders, rung: str) -> list[str]:
    """The hashes of everything released of a rendition, in order."""
    return [hashlib.sha256(unit.content).hexdigest() for segment in released_segments(folders, rung)
            for unit in demuxed(segment).units]
