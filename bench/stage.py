"""CPU of the whole stage beside the ffmpeg command line making the same ladder from the same source child.

Both sides read the same clip in real time through the very same conforming child, whose CPU counts on both. The peer
gets identical x264 options, bit rates and threads, the same scaler, the same audio encoders, and writes fMP4 HLS to
memory too. What the stage does beyond (mixing, meters, lower thirds, journal, playlists, Python) is the difference.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import imageio_ffmpeg

from allpoints.contribute.conform import file_arguments
from allpoints.contribute.probe import probe
from allpoints.kernel.clock import SystemClock
from allpoints.publish.ladder import LADDERS, AudioRung, VideoRung
from bench.cpu_time import tree_cpu_seconds
from bench.proofs import keep

ROUNDS = 5
SETTLE_SECONDS = 8.0
MEASURED_SECONDS = 25.0
CLIP_SECONDS = 60


def make_clip(path: Path) -> None:
    """A minute of moving pattern with grain, and sound."""
    subprocess.run([
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y",
        "-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={CLIP_SECONDS},noise=alls=5:allf=t",
        "-f", "lavfi", "-i", f"anoisesrc=color=pink:amplitude=0.2:sample_rate=48000:d={CLIP_SECONDS}",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", str(path),
    ], check=True)


def peer_arguments(folder: Path) -> list[str]:
    """The ffmpeg command line for the large ladder, reading NUT from its standard input."""
    ladder = LADDERS["large"]
    splits = "".join(f"[s{n}]" for n in range(len(ladder.video)))
    graph = [f"[0:v]split={len(ladder.video)}{splits}"]
    for number, rung in enumerate(ladder.video):
        rate = f",fps=25/{rung.every}" if rung.every > 1 else ""
        graph.append(f"[s{number}]scale={rung.width}:{rung.height}:flags=bilinear{rate}[v{number}]")
    arguments = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-f", "nut", "-i", "pipe:0",
                 "-filter_complex_threads", "1", "-filter_complex", ";".join(graph)]
    for number, rung in enumerate(ladder.video):
        arguments += ["-map", f"[v{number}]", "-c:v", "libx264", *_video(rung), *_hls(folder, rung.name)]
    for sound in ladder.audio:
        arguments += ["-map", "0:a", *_audio(sound), *_hls(folder, sound.name)]
    return arguments


def _video(rung: VideoRung) -> list[str]:
    options = [word for name, value in rung.options().items() for word in (f"-{name}", value)]
    return [*options, "-force_key_frames", "expr:gte(t,n_forced*2)", "-pix_fmt", "yuv420p"]


def _audio(sound: AudioRung) -> list[str]:
    options = [word for name, value in sound.options().items() for word in (f"-{name}", value)]
    return ["-c:a", sound.codec, "-b:a", str(sound.encoder_bit_rate), "-ac", str(sound.channels), *options]


def _hls(folder: Path, name: str) -> list[str]:
    (folder / name).mkdir(parents=True, exist_ok=True)
    return ["-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4", "-hls_list_size", "30", "-hls_flags",
            "delete_segments", str(folder / name / "index.m3u8")]


def measure_tree(pid: int) -> float:
    """CPU seconds per second of a tree of processes, once it has settled."""
    time.sleep(SETTLE_SECONDS)
    began, before = time.monotonic(), tree_cpu_seconds(pid)
    time.sleep(MEASURED_SECONDS)
    return (tree_cpu_seconds(pid) - before) / (time.monotonic() - began)


def measure_stage(clip: Path, folder: Path, low_latency: str) -> dict[str, Any]:
    """The stage on air with ``clip``: its share of a core, and what it tells of itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.stage_on_air", str(folder), str(clip), low_latency],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "on air\n"
    share = measure_tree(process.pid)
    told, _ = process.communicate(input="", timeout=30)
    return {"cpu_share": share, **json.loads(told.splitlines()[-1])}


def measure_peer(clip: Path, folder: Path) -> float:
    """The same work by the ffmpeg command line: its share of a core with the source child's."""
    paced = [imageio_ffmpeg.get_ffmpeg_exe(), "-re", *file_arguments(clip, probe(clip, SystemClock()))]
    source = subprocess.Popen(paced, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    encoder = subprocess.Popen(peer_arguments(folder), stdin=source.stdout)
    try:
        time.sleep(SETTLE_SECONDS)
        began = time.monotonic()
        before = tree_cpu_seconds(source.pid) + tree_cpu_seconds(encoder.pid)
        time.sleep(MEASURED_SECONDS)
        used = tree_cpu_seconds(source.pid) + tree_cpu_seconds(encoder.pid) - before
        return used / (time.monotonic() - began)
    finally:
        for process in (source, encoder):
            process.kill()
            process.wait()


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


MOST_RATIO = 1.20
MOST_PART_MS = 60.0


def run(rounds: int = ROUNDS) -> bool:
    """Measure in turn, print, keep; whether both wanted figures were reached."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        folder = Path(scratch)
        clip = folder / "clip.mp4"
        make_clip(clip)
        pairs = []
        for number in range(rounds):
            stage = measure_stage(clip, folder / f"stage-{number}", "off")
            peer = measure_peer(clip, folder / f"peer-{number}")
            pairs.append({"stage": stage["cpu_share"], "ffmpeg": peer, "ratio": stage["cpu_share"] / peer,
                          "tick_lateness_p99_ms": stage["tick_lateness_p99_ms"]})
            print(f"  round {number + 1}: stage {stage['cpu_share']:.3f}, ffmpeg {peer:.3f} of a core, "
                  f"ratio {pairs[-1]['ratio']:.3f}", flush=True)
        low = measure_stage(clip, folder / "low", "on")
    latencies = low["part_latencies_ms"]
    figures = {
        "ladder": "large", "measured_seconds": MEASURED_SECONDS, "rounds": pairs,
        "median_ratio": statistics.median(pair["ratio"] for pair in pairs),
        "median_stage_share": statistics.median(pair["stage"] for pair in pairs),
        "median_ffmpeg_share": statistics.median(pair["ffmpeg"] for pair in pairs),
        "frame_to_part_ms": {"count": len(latencies), "p50": percentile(latencies, 0.5),
                             "p95": percentile(latencies, 0.95), "p99": percentile(latencies, 0.99)},
        "low_latency_cpu_share": low["cpu_share"],
    }
    ratio, part_ms = statistics.median(pair["ratio"] for pair in pairs), percentile(latencies, 0.95)
    print(f"stage/ffmpeg median ratio {ratio:.3f} (wanted ≤ {MOST_RATIO:.2f}); "
          f"frame to part p95 {part_ms:.1f} ms (wanted ≤ {MOST_PART_MS:.0f})")
    print(f"kept in {keep('stage', figures)}")
    return ratio <= MOST_RATIO and part_ms <= MOST_PART_MS


if __name__ == "__main__":
    sys.exit(not run())
