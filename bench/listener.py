"""A viewer: headless Chromium on a watch page, until it has seen pictures move and heard sound."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
)
SILENCE = 0.002

# Taps the player's element: the loudest sample since the last look, and a digest of the picture.
PROBE = """() => {
  const video = document.querySelector('video');
  if (!video || video.readyState < 2) return null;
  const tap = window.__tap ??= (() => {
    const context = new AudioContext(), source = context.createMediaElementSource(video);
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    source.connect(analyser);
    analyser.connect(context.destination);
    return {context, analyser, samples: new Float32Array(8192)};
  })();
  tap.context.resume();
  video.muted = false;
  if (video.paused) video.play().catch(() => {});
  tap.analyser.getFloatTimeDomainData(tap.samples);
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 64, 36);
  const pixels = pen.getImageData(0, 0, 64, 36).data;
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum = (sum * 31 + pixels[i]) >>> 0;
  return {at: video.currentTime, picture: sum, peak: Math.max(...tap.samples.map(Math.abs)), width: video.videoWidth};
}"""


def watch_and_listen(address: str, *, seconds: float) -> dict[str, Any]:
    """Watch until pictures have changed and sound has been heard. Raises TimeoutError after ``seconds``."""
    until = time.monotonic() + seconds
    pictures: set[int] = set()
    peak, moved = 0.0, 0.0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            page = browser.new_page()
            page.goto(address)
            while time.monotonic() < until:
                look = page.evaluate(PROBE)
                if look is not None:
                    pictures.add(look["picture"])
                    peak, moved = max(peak, look["peak"]), max(moved, look["at"])
                    if len(pictures) >= 5 and peak > SILENCE:
                        return {"different_pictures": len(pictures), "loudest_sample": round(peak, 4),
                                "width": look["width"], "position_s": round(moved, 2)}
                page.wait_for_timeout(250)
        finally:
            browser.close()
    raise TimeoutError(f"saw {len(pictures)} different pictures, loudest sample {peak:.4f}, position {moved:.1f} s")
