// Our own fonts, once the page is there: never at the cost of anything that is read, heard or seen.

const FAST_MS = 1500; // a page that took longer came over a weak line, or to a weak device

interface Line {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
}

/** Ask for the fonts after all else has loaded, where the line is good; elsewhere the system's own stay. */
export function loadFonts(): void {
  if (document.readyState !== "complete") {
    window.addEventListener("load", loadFonts, { once: true });
    return;
  }
  const address = document.documentElement.dataset.fonts;
  const { connection } = navigator as Navigator & { connection?: Line };
  const [arrival] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (!address || connection?.saveData || /2g/.test(connection?.effectiveType ?? "")) return;
  if (!arrival || arrival.domInteractive > FAST_MS) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}
