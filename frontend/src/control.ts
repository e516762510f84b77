// The control page.
import { Hold } from "./control/hold";
import { listenToDeskKeys } from "./control/keys";
import { followDesk } from "./control/live";
import { followPictures } from "./control/pictures";
import { Verbs } from "./control/verbs";
import { loadFonts } from "./fonts";
import { Controls } from "./player/controls";
import { say, wordsOf } from "./player/words";
import { gatheringTime, number } from "./times";

loadFonts();
const desk = document.getElementById("desk");
const root = document.getElementById("player");
if (desk) {
  const words = wordsOf(desk);
  const verbs = new Verbs(desk, words);
  const holds = new Map<string, Hold>();
  for (const button of desk.querySelectorAll<HTMLElement>("[data-hold]"))
    holds.set(button.dataset.key ?? "", new Hold(button, verbs));
  listenToDeskKeys(desk, verbs, holds);
  followDesk(desk, words);
  followPictures(desk);
  window.setInterval(() => {
    const clock = document.querySelector('[data-clock="zone"]');
    if (clock) clock.textContent = gatheringTime(new Date());
    const seen = desk.querySelector('[data-part="seen-after"]');
    if (seen && root) seen.textContent = root.dataset.latency ? say(words, "seconds", { seconds: number(Number(root.dataset.latency), 1) }) : "–";
  }, 500);
}
if (root) {
  const controls = new Controls(root);
  controls.player.video.muted = true; // the director hears the audience's sound only when asked for
  controls.open();
}
