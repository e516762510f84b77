// What the watch page can do without for a moment: keys, news of what is on, our own fonts.
import { loadFonts } from "./fonts";
import type { Controls } from "./player/controls";
import { listenToKeys } from "./player/keyboard";
import { followNow } from "./player/now";

/** Furnish a page whose player has begun. */
export function furnish(controls: Controls): void {
  listenToKeys(controls.player, controls);
  loadFonts();
  const line = document.getElementById("now-line");
  if (!line?.dataset.api) return;
  followNow(line.dataset.api, () => controls.player.isOnWeakLine, (now) => {
    const title = line.querySelector('[data-part="now-title"]');
    if (title && now.now) title.textContent = now.now.title;
    if (!now.now) line.querySelector(".persons")?.remove();
    controls.offAir.tell(now);
  });
}
