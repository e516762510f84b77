// The hall screen: what a projector shows for days, with nobody at it.
import { loadFonts } from "./fonts";
import { keepAwake } from "./hall/awake";
import { HallClock } from "./hall/clock";
import { fitAll } from "./hall/fit";
import { followPlan } from "./hall/plan";
import { hideAtRest } from "./hall/rest";
import { Slides } from "./hall/slides";
import { Controls } from "./player/controls";
import { listenToKeys } from "./player/keyboard";
import { say, wordsOf } from "./player/words";
import { showOwnTimes } from "./times";

const hall = document.getElementById("hall");
const root = document.getElementById("player");
if (hall && root) {
  const controls = new Controls(root, document.documentElement);
  listenToKeys(controls.player, controls);
  controls.open();

  const full = hall.querySelector<HTMLElement>('[data-tool="full"]');
  full?.addEventListener("click", () => controls.toggleFullScreen());
  document.addEventListener("fullscreenchange", () => {
    const text = full?.querySelector("span");
    if (text) text.textContent = say(controls.words, document.fullscreenElement ? "leave_full" : "full");
  });

  showOwnTimes(hall);
  const clock = new HallClock(hall);
  const fit = (): void => fitAll(hall);
  const slides = new Slides(hall, wordsOf(hall), fit);
  followPlan(hall, clock, () => {
    showOwnTimes(hall);
    slides.show();
  });
  hideAtRest(document.body);
  keepAwake();
  window.addEventListener("resize", fit);
  loadFonts();
  document.fonts.addEventListener("loadingdone", fit);
}
