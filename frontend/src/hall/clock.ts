// The clocks. They go by the server's time: a hall's own computer may be off by minutes, and nobody looks after it.
import { gatheringTime, isElsewhere, ownTime } from "../times";

export class HallClock {
  private ahead = 0;

  constructor(private readonly hall: HTMLElement) {
    this.set(hall.dataset.at);
    window.setInterval(() => this.show(), 500);
  }

  /** `at` is what the server's clock said just now, as an ISO instant. */
  set(at: string | undefined): void {
    const told = Date.parse(at ?? "");
    if (!Number.isNaN(told)) this.ahead = told - Date.now();
    this.show();
  }

  now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  private show(): void {
    const now = this.now();
    this.put("zone", gatheringTime(now));
    const isOwnShown = isElsewhere(now);
    if (isOwnShown) this.put("own", ownTime(now));
    this.hall.classList.toggle("is-elsewhere", isOwnShown);
    const own = this.hall.querySelector('[data-clock="own"]')?.parentElement;
    if (own && own.hidden === isOwnShown) own.hidden = !isOwnShown;
  }

  private put(which: string, text: string): void {
    const element = this.hall.querySelector(`[data-clock="${which}"]`);
    if (element && element.textContent !== text) element.textContent = text;
  }
}
