// Is the stream there, and does it move? Asked of the playlists themselves, so that any cache can answer.

export type Finding = "moving" | "standing" | "absent" | "unreachable";

const STANDING_TARGETS = 3; // so many target durations without anything new
const PATIENCE_MS = 6000;

/** An answer and its text, both within the same time. Rejects like fetch. */
export async function ask(address: string): Promise<[Response, string]> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(address, { signal: abort.signal, credentials: "same-origin", cache: "no-cache" });
    return [answer, await answer.text()];
  } finally {
    clearTimeout(timer);
  }
}

/** Look at a playlist; of several, at the first. Age is told by the server's own two clocks' readings, never by the viewer's clock. */
export async function probe(address: string): Promise<Finding> {
  try {
    const [answer, text] = await ask(address.split(" ", 1).join());
    if (!answer.ok) return answer.status === 404 ? "absent" : "unreachable";
    const first = text.split("\n").find((line) => line && !line.startsWith("#"));
    if (!first) return "absent";
    if (text.includes("#EXT-X-STREAM-INF")) return probe(new URL(first, answer.url).href);
    if (text.includes("#EXT-X-ENDLIST")) return "standing";
    const age = Date.parse(answer.headers.get("date") ?? "") - Date.parse(answer.headers.get("last-modified") ?? "");
    const target = Number(/#EXT-X-TARGETDURATION:(\d+)/.exec(text)?.[1] ?? 2);
    return age > STANDING_TARGETS * target * 1000 ? "standing" : "moving"; // NaN, where a cache hides the headers, counts as moving
  } catch {
    return "unreachable";
  }
}
