// Keeps what the page says of the plan true: asks for the page again when something ends or begins, and now and then.
import { morph } from "../control/morph";
import type { HallClock } from "./clock";

const PATIENCE_MS = 10000;

/** Call `changed` after each answer. Silent while the line is cut: what is shown stays. */
export function followPlan(hall: HTMLElement, clock: HallClock, changed: () => void): void {
  const ask = async (): Promise<void> => {
    const abort = new AbortController();
    const timer = window.setTimeout(() => abort.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(window.location.href, { signal: abort.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("hall");
      if (fresh) {
        clock.set(fresh.dataset.at);
        hall.dataset.changesAt = fresh.dataset.changesAt ?? "";
        for (const region of hall.querySelectorAll<HTMLElement>("[data-region]"))
          morph(region, fresh.querySelector(`[data-region="${region.dataset.region}"]`)?.innerHTML ?? "");
        changed();
      }
    } catch {
      // The next turn asks again.
    }
    window.clearTimeout(timer);
    wait();
  };
  const wait = (): void => {
    const left = Date.parse(hall.dataset.changesAt ?? "") - clock.now().valueOf(); // NaN where nothing more is planned
    const later = 45000 + Math.random() * 30000;
    window.setTimeout(() => void ask(), left > 0 && left < later ? left + 500 + Math.random() * 2500 : later);
  };
  wait();
}
