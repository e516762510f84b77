// The watch page.
import { loadFonts } from "./fonts";
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
  const line = document.getElementById("now-line");
  if (line?.dataset.api) {
    followNow(line.dataset.api, (now) => {
      const title = line.querySelector('[data-part="now-title"]');
      if (title && now.now) title.textContent = now.now.title;
      if (!now.now) line.querySelector(".persons")?.remove();
      controls.offAir.tell(now);
    });
  }
}
