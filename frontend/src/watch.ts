// The watch page.
import { loadFonts } from "./fonts";
import type { Choice } from "./player/choice";
import { Controls } from "./player/controls";
import { listenToKeys } from "./player/keyboard";
import { followNow } from "./player/now";
import { showOwnTimes } from "./times";

showOwnTimes(document);
loadFonts();
const root = document.getElementById("player");
if (root) {
  const controls = new Controls(root);
  listenToKeys(controls.player, controls);
  controls.open();
  // The links load another page; where there is a player already, it does what they say.
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-way]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      history.replaceState(null, "", link.href);
      controls.choose(link.dataset.way as Choice);
    });
  }
  const line = document.getElementById("now-line");
  if (line?.dataset.api) {
    followNow(line.dataset.api, () => controls.player.isOnWeakLine, (now) => {
      const title = line.querySelector('[data-part="now-title"]');
      if (title && now.now) title.textContent = now.now.title;
      if (!now.now) line.querySelector(".persons")?.remove();
      controls.offAir.tell(now);
    });
  }
}
