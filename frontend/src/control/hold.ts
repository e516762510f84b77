// PANIC and DUMP: held for one second with pointer or key, let go earlier means nothing.
import type { Verbs } from "./verbs";

const HOLD_MS = 1000;

export class Hold {
  private timer = 0;
  private since = 0;

  constructor(
    private readonly button: HTMLElement,
    private readonly verbs: Verbs,
  ) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.begin();
    });
    for (const sign of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(sign, () => this.end());
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && !event.repeat) this.begin();
      if (event.key === "Enter" || event.key === " ") event.preventDefault();
    });
    button.addEventListener("keyup", () => this.end());
  }

  begin(): void {
    if (this.timer) return;
    this.since = performance.now();
    this.button.classList.add("is-held");
    this.timer = window.setTimeout(() => {
      const held = Math.round(performance.now() - this.since);
      void this.verbs.send(this.button.dataset.hold ?? "", { held_ms: Math.max(HOLD_MS, held) });
      this.end();
      this.button.classList.add("is-done");
      window.setTimeout(() => this.button.classList.remove("is-done"), 1200);
    }, HOLD_MS);
  }

  end(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.button.classList.remove("is-held");
  }
}
