"""Beside player pages built of npm's video.js and full hls.js: seconds and bytes until the first sound, and after it.

The same stream through the same front, on a weak line and on a good one, in sound alone and with a picture; each time
a Chromium that knows nothing yet.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.stand_ins.front import tls_front
from tests.stand_ins.line import GOOD, WEAK, Line
from tests.stand_ins.link_visit import Visit, visit
from tests.stand_ins.live_site import live_site, wait_for
from tests.stand_ins.shaped_line import shaped_line

from bench.links import median, rounded
from bench.player_page import HLS_JS
from bench.players_table import table
from bench.proofs import keep

TABLE = Path("docs/reference/player-weight.md")
MINUTE = 60.0
PATIENCE = 90.0
LINES = {"weak": WEAK, "good": GOOD}
VIDEO_JS = Path("frontend/node_modules/video.js/dist")
PAGES = {
    "hls.html": """<!doctype html><title>hls.js</title><link rel="icon" href="data:,">
<video id="v" controls autoplay playsinline></video><script src="hls.min.js"></script><script>
const h = new Hls();
h.loadSource(new URLSearchParams(location.search).get('source')); h.attachMedia(v);
</script>
""",
    "video.html": """<!doctype html><title>video.js</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="video-js.min.css">
<video id="v" class="video-js" controls autoplay playsinline></video><script src="video.min.js"></script><script>
videojs('v', {sources: [{src: new URLSearchParams(location.search).get('source'), type: 'application/x-mpegURL'}]});
</script>
""",
    # The rung of sound alone, for players that cannot be told to take it.
    "audio.m3u8": """#EXTM3U
#EXT-X-VERSION:7
#EXT-X-STREAM-INF:BANDWIDTH=18000,CODECS="opus"
/live/opus16/index.m3u8
""",
}
SOURCES = {"audio": "/beside/audio.m3u8", "picture": "/live/master.m3u8"}


def make_pages(folder: Path) -> None:
    """The pages of others, with their players as npm has them."""
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    for file in (HLS_JS, VIDEO_JS / "video.min.js", VIDEO_JS / "video-js.min.css"):
        shutil.copy(file, folder / file.name)


def compare(front: int, paths: dict[str, str], rounds: int, seconds: float, lines: list[str]) -> list[dict[str, Any]]:
    """Each page on each line: medians of the rounds, of which the last plays for ``seconds``."""
    rows = []
    for line in lines:
        for what, ours in paths.items():
            pages = {"allpoints": ours, "hls.js": f"/beside/hls.html?source={SOURCES[what]}",
                     "video.js": f"/beside/video.html?source={SOURCES[what]}"}
            for page, path in pages.items():
                seen = [visit_once(front, LINES[line], path, seed, seconds if seed == rounds - 1 else 0)
                        for seed in range(rounds)]
                rows.append({"line": line, "what": what, "page": page, **told(seen, seconds)})
                print({name: value for name, value in rows[-1].items() if name != "rounds"}, flush=True)
    return rows


def visit_once(front: int, line: Line, path: str, seed: int, plays: float) -> Visit:
    with shaped_line(line, front, seed=seed) as shaped:
        return visit(path, shaped, plays=plays, patience=PATIENCE)


def told(seen: list[Visit], seconds: float) -> dict[str, Any]:
    """The figures of one page on one line."""
    last = seen[-1]
    before, after = last.bytes_until(last.sound), last.bytes_until(last.sound and last.looks[-1].at - 0.5)
    return {
        "sound_s": median([each.sound for each in seen]),
        "bytes_until_sound": median([each.bytes_until(each.sound) for each in seen]),
        "bytes_after": after - before if before is not None and after is not None else None,
        "stalls": len(last.stalls), "rung": last.rung[0], "played_s": seconds if last.sound else 0,
        "rounds": [{"sound_s": rounded(each.sound), "bytes_until_sound": each.bytes_until(each.sound)}
                   for each in seen],
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3, help="cold visits of which the median counts")
    options.add_argument("--seconds", type=float, default=MINUTE, help="played after the first sound")
    options.add_argument("--only", default="weak,good", help="these lines, separated by commas")
    options.add_argument("--what", default="audio,picture", help="these of both, separated by commas")
    options.add_argument("--ladder", default="small", choices=("small", "large", "audio"))
    options.add_argument("--path-audio", default="/watch?view=audio", help="our page for sound alone")
    options.add_argument("--path-picture", default="/watch", help="our page")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="allpoints-players-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        make_pages(folder / "beside")
        with (
            live_site(folder / "live", ALLPOINTS_LADDER=given.ladder) as live,
            tls_front(folder / "front", f"127.0.0.1:{live.port}", beside=folder / "beside") as front,
        ):
            wait_for(live.is_lasting, 90)
            paths = {what: getattr(given, f"path_{what}") for what in given.what.split(",")}
            rows = compare(front, paths, given.rounds, given.seconds, given.only.split(","))
            figures = {"rounds": given.rounds, "seconds": given.seconds, "ladder": given.ladder,
                       "holes_in_stream": live.holes(), "rows": rows}
    print(f"kept in {keep('players', figures)}")
    TABLE.write_text(table(rows, given.rounds, given.seconds))
    return 0 if all(row["sound_s"] is not None for row in rows if row["page"] == "allpoints") else 1


if __name__ == "__main__":
    sys.exit(main())
