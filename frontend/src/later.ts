// Scripts that are fetched when they are needed, however often the line is cut meanwhile.
import { retryDelay } from "./player/retry";

const GONE_AFTER = 3;

/** The module at `path`, beside this script. */
export async function fetchedLater<Module>(path: string): Promise<Module> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      // Many browsers never ask again for an address that failed once: each attempt has its own.
      return (await import(attempt ? `${path}?${attempt}` : path)) as Module;
    } catch {
      if (attempt >= GONE_AFTER && (await isGone(path))) location.reload(); // the pages are of a newer version by now
      await new Promise((resolve) => setTimeout(resolve, retryDelay(attempt)));
    }
  }
}

async function isGone(path: string): Promise<boolean> {
  const answer = await fetch(new URL(path, import.meta.url), { method: "HEAD" }).catch(() => null);
  return answer?.status === 404;
}
