"""A page that plays any HLS with plain hls.js, served by nobody of those who are compared."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HLS_JS = Path("frontend/node_modules/hls.js/dist/hls.min.js")
PAGE = """<!doctype html><video id="v" muted autoplay></video><script src="hls.min.js"></script><script>
// Recovers as hls.js's own documentation recommends, and keeps at it.
const h = new Hls(), source = new URLSearchParams(location.search).get('source');
h.on(Hls.Events.ERROR, (_, d) => {
  if (!d.fatal) return;
  setTimeout(() => {
    if (d.type === Hls.ErrorTypes.MEDIA_ERROR) h.recoverMediaError();
    else if (d.details.startsWith('manifest')) h.loadSource(source);
    else h.startLoad();
  }, 1000);
});
h.loadSource(source); h.attachMedia(v);
h.on(Hls.Events.MANIFEST_PARSED, () => v.play().catch(() => {}));
</script>
"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def player_page(folder: Path) -> Iterator[str]:
    """Serve the page; gives its address, to which a playlist's address is appended."""
    folder.mkdir()
    shutil.copy(HLS_JS, folder / HLS_JS.name)
    (folder / "index.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/?source="
    finally:
        server.shutdown()
        server.server_close()
