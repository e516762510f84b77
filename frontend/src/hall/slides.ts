// What is shown beside the picture in turn. Nothing moves for whoever asked their system for less of it, or stopped it.
import { say, type Words } from "../player/words";

const EACH_MS = 20000;

export class Slides {
  private readonly all: HTMLElement[];
  private readonly dots: HTMLElement[];
  private readonly button: HTMLElement | null;
  private readonly stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
  private place = 0;
  private timer = 0;
  private isStopped = false;

  constructor(
    private readonly hall: HTMLElement,
    private readonly words: Words,
    private readonly fit: () => void,
  ) {
    this.all = [...hall.querySelectorAll<HTMLElement>("[data-slide]")];
    this.dots = [...hall.querySelectorAll<HTMLElement>(".dots i")];
    this.button = hall.querySelector('[data-tool="slides"]');
    this.button?.addEventListener("click", () => this.toggle());
    this.stillness.addEventListener("change", () => this.begin());
    hall.classList.add("has-slides");
    document.addEventListener("keydown", (event) => {
      const isOurs = event.key.toLowerCase() === "p" && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (isOurs && !(event.target instanceof Element && event.target.closest("select"))) this.toggle();
    });
    this.begin();
  }

  /** Bring the screen in line: the slide whose turn it is, or, where nothing may move, the first. */
  show(): void {
    if (this.stillness.matches || this.isEmpty(this.place)) this.place = 0;
    for (const each of [this.all, this.dots])
      each.forEach((element, place) => element.classList.toggle("is-shown", place === this.place));
    this.hall.classList.toggle("is-turning", this.isTurning());
    if (this.button) this.button.hidden = this.stillness.matches;
    this.fit();
  }

  private isTurning(): boolean {
    return !this.stillness.matches && !this.isStopped;
  }

  private begin(): void {
    this.show();
    window.clearInterval(this.timer);
    if (this.isTurning()) this.timer = window.setInterval(() => this.turn(), EACH_MS);
  }

  private toggle(): void {
    if (this.stillness.matches) return;
    this.isStopped = !this.isStopped;
    const text = this.button?.querySelector("span");
    if (text) text.textContent = say(this.words, this.isStopped ? "go_on" : "stop");
    this.begin();
  }

  private turn(): void {
    do this.place = (this.place + 1) % this.all.length;
    while (this.isEmpty(this.place) && this.place !== 0);
    this.show();
  }

  private isEmpty(place: number): boolean {
    return this.all[place]?.childElementCount === 0;
  }
}
