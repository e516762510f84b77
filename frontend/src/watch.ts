// The watch page.
import furnishingPath from "later:./furnishing";
import { fetchedLater } from "./later";
import type { Choice } from "./player/choice";
import { Controls } from "./player/controls";
import { isWeakLine } from "./player/weak_line";
import { showOwnTimes } from "./times";

const LATE_MS = 15000;

showOwnTimes(document);
const root = document.getElementById("player");
if (root) {
  const controls = new Controls(root);
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
  let begins = false;
  const furnish = async (): Promise<void> => {
    if (begins) return;
    begins = true;
    (await fetchedLater<typeof import("./furnishing")>(furnishingPath)).furnish(controls);
  };
  window.addEventListener("load", () => {
    if (!isWeakLine()) return void furnish();
    // A weak line has the sound to bring first.
    window.setTimeout(furnish, LATE_MS);
    controls.player.video.addEventListener("playing", furnish, { once: true });
  });
}
