// The off-air picture: what comes next and when, with clocks in the viewer's zone and the gathering's.
import { gatheringTime, isElsewhere, ownDayAndTime, ownTime, showOwnTimes } from "../times";
import type { Now } from "./now";
import { say, type Words } from "./words";

function put(root: HTMLElement, part: string, text: string): void {
  const element = root.querySelector<HTMLElement>(`[data-part="${part}"]`);
  if (element && element.textContent !== text) element.textContent = text;
}

export class OffAirPicture {
  constructor(
    private readonly root: HTMLElement,
    private readonly words: Words,
  ) {
    window.setInterval(() => this.tick(), 1000);
    this.tick();
  }

  /** Show or hide it. `wasPlaying`: the stream had been there, so this is an interruption. */
  show(isShown: boolean, wasPlaying: boolean, isPossible: boolean): void {
    if (isShown) {
      put(this.root, "headline", say(this.words, !isPossible ? "cannot" : wasPlaying ? "interrupted" : "off_air"));
      put(this.root, "coming", isPossible ? say(this.words, "comes_back") : "");
    }
    if (this.root.hidden === isShown) this.root.hidden = !isShown;
  }

  /** What the plan says now. */
  tell(now: Now): void {
    const next = this.root.querySelector<HTMLElement>('[data-part="next"]');
    if (!next) return;
    next.hidden = now.next === null;
    if (now.next) {
      put(this.root, "next-title", now.next.title);
      const at = new Date(now.next.starts_at);
      const time = next.querySelector("time");
      const there = next.querySelector("small");
      if (!time || !there) put(this.root, "next-time", ownDayAndTime(at));
      else if (Date.parse(time.dateTime) !== at.valueOf()) {
        time.dateTime = now.next.starts_at;
        time.textContent = ownDayAndTime(at);
        there.dataset.there = (there.dataset.there ?? "").replace(/^\S+/, gatheringTime(at));
        showOwnTimes(next);
      }
    }
  }

  private tick(): void {
    const now = new Date();
    put(this.root, "zone-clock", gatheringTime(now));
    const own = this.root.querySelector<HTMLElement>('[data-part="own-clock"]');
    if (!own) return;
    own.hidden = !isElsewhere(now);
    put(own, "own-time", ownTime(now));
  }
}
