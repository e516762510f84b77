// What the watch page can do without for a moment: keys, news of what is on, our own fonts.
import { loadFonts } from "./fonts";
import type { Controls } from "./player/controls";
import { listenToKeys } from "./player/keyboard";
import { followNow, type Person } from "./player/now";

/** Furnish a page whose player has begun. */
export function furnish(controls: Controls): void {
  listenToKeys(controls.player, controls);
  loadFonts();
  const line = document.getElementById("now-line");
  if (!line?.dataset.api) return;
  followNow(line.dataset.api, () => controls.player.isOnWeakLine, (now) => {
    controls.offAir.tell(now);
    const title = line.querySelector('[data-part="now-title"]');
    const told = now.now?.title ?? line.dataset.nothing ?? "";
    if (title && title.textContent !== told) title.textContent = told;
    const before = line.querySelector(".persons");
    const after = personsOf(now.now?.persons ?? []);
    if ((before?.textContent ?? "") === after.textContent) return;
    before?.remove();
    if (after.textContent) title?.after(after);
  });
}

/** As the server writes them. */
function personsOf(persons: readonly Person[]): HTMLElement {
  const line = document.createElement("p");
  line.className = "persons";
  for (const [index, { name, about }] of persons.entries()) {
    if (index) line.append(isolated("separator", " · "));
    line.append(isolated("name", name));
    if (about) line.append(" ", isolated("about", about));
  }
  return line;
}

function isolated(kind: string, text: string): HTMLElement {
  const element = document.createElement("bdi");
  element.className = kind;
  element.textContent = text;
  return element;
}
