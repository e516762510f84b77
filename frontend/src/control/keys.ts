// The desk's keys: TAKE on F12 and the number pad's Enter, auto-next on F7, DUMP on F8, PANIC on F9 (held). Nothing
// else airs: Space and Enter do nothing on TAKE by focus, and keys are dead while somebody types.
import type { Hold } from "./hold";
import type { Verbs } from "./verbs";

const TYPING = "input, textarea, select, [contenteditable]";

export function listenToDeskKeys(desk: HTMLElement, verbs: Verbs, holds: ReadonlyMap<string, Hold>): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const hold = holds.get(event.key);
    if (hold) {
      event.preventDefault();
      if (!event.repeat) hold.begin();
      return;
    }
    const isTake = event.key === "F12" || event.code === "NumpadEnter";
    const isAir = target.closest(".take, .take-mix");
    if (isAir && (event.key === " " || event.key === "Enter") && !isTake) event.preventDefault();
    if (target.closest(TYPING) || event.repeat) return;
    const isStale = desk.classList.contains("is-stale");
    if (isTake) {
      event.preventDefault();
      if (!isStale) void verbs.send("take", { transition: event.shiftKey ? "mix" : "cut" });
    } else if (event.key === "F7" && !isStale) {
      event.preventDefault();
      desk.querySelector<HTMLButtonElement>("[data-arm]")?.click();
    }
  });
  document.addEventListener("keyup", (event) => holds.get(event.key)?.end());
  window.addEventListener("blur", () => holds.forEach((hold) => hold.end()));
}
