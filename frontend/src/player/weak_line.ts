// Whether the line is too weak for pictures: by what the browser says of it, by how the page itself came here, and by
// how the stream gets on.

type Connected = Navigator & { readonly connection?: { readonly saveData?: boolean; readonly effectiveType?: string } };

const SLOW_TRIP_MS = 600;
const LONG_TRIP_MS = 250; // no processor is so busy with all of a page's files
const SLOW_KILOBITS = 100;
const TELLING_BYTES = 4000; // less comes in one go on any line
const TELLING_MS = 1000; // a busy processor may take so long by itself
const STALLS = 3;
const STALLS_WITHIN_MS = 120000;

export function isWeakLine(): boolean {
  const { connection } = navigator as Connected;
  if (connection?.saveData || /2g$/.test(connection?.effectiveType ?? "")) return true;
  const [page] = performance.getEntriesByType("navigation");
  const parts = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return page instanceof PerformanceNavigationTiming && cameSlowly(page, parts);
}

/** Of the page's own way here, and that of all that was loaded anew with it: the quickest answer tells the round trip,
 * the quickest of the larger ones the rate. A server or a processor that is busy is so with some and not with all. Over a
 * long way what lay behind a lost packet comes all at once, and quickly as it seems: there all that came counts. */
export function cameSlowly(page: PerformanceNavigationTiming, parts: PerformanceResourceTiming[]): boolean {
  const loaded = [page, ...parts.filter((part) => part.transferSize > 0)];
  const connected = (page.secureConnectionStart || page.connectEnd) - page.connectStart;
  const trip = Math.min(connected || Infinity, ...loaded.map((each) => each.responseStart - each.requestStart));
  const rates = loaded
    .filter((each) => each.transferSize > TELLING_BYTES)
    .map((each) => (8 * each.transferSize) / (each.responseEnd - each.responseStart));
  const lasted = Math.max(...loaded.map((each) => each.responseEnd)) - page.responseStart;
  const bits = 8 * loaded.reduce((sum, each) => sum + each.transferSize, 0);
  const rate = trip > LONG_TRIP_MS ? bits / lasted : Math.max(...rates);
  return trip > SLOW_TRIP_MS || (rates.length > 0 && lasted > TELLING_MS && rate < SLOW_KILOBITS);
}

/** Counts stalls on the least that there is. */
export class Stalls {
  private at: number[] = [];

  /** One more, at `now`; whether they are too many. */
  areTooMany(now: number): boolean {
    this.at = [...this.at.filter((earlier) => now - earlier < STALLS_WITHIN_MS), now];
    return this.at.length >= STALLS;
  }
}
