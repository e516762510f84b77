// The desk as the stage reports it, over one stream of events; and how sure we are that it is so now.
import { gatheringTime } from "../times";
import { say, type Words } from "../player/words";
import { morph } from "./morph";

interface Beat {
  readonly fresh: boolean;
  readonly regions: Readonly<Record<string, string>>;
}

const STALE_MS = 3500;

export function followDesk(desk: HTMLElement, words: Words): void {
  const badge = document.getElementById("badge");
  let heardAt = performance.now();
  let freshAt = new Date();
  let fresh = badge?.dataset.link === "live";

  const showLink = (): void => {
    const isSilent = performance.now() - heardAt > STALE_MS;
    const state = isSilent ? "reconnecting" : fresh ? "live" : "stale";
    const isSure = state === "live";
    const text = isSure ? say(words, "live") : `${say(words, isSilent ? "reconnecting" : "stage_silent")} · ${say(words, "stale_since", { time: gatheringTime(freshAt) })}`;
    if (badge) {
      if (badge.dataset.link !== state) badge.dataset.link = state;
      const part = badge.querySelector('[data-part="badge-text"]');
      if (part && part.textContent !== text) part.textContent = text;
    }
    for (const element of desk.querySelectorAll<HTMLElement>(".needs-link")) if (element.inert === isSure) element.inert = !isSure;
    desk.classList.toggle("is-stale", !isSure);
  };

  const stream = new EventSource("/control/live" + window.location.search);
  stream.addEventListener("message", (event: MessageEvent<string>) => {
    const beat = JSON.parse(event.data) as Beat;
    heardAt = performance.now();
    fresh = beat.fresh;
    if (fresh) freshAt = new Date();
    for (const [name, html] of Object.entries(beat.regions)) {
      const region = desk.querySelector(`[data-region="${name}"]`);
      if (region) morph(region, html);
    }
    showLink();
  });
  stream.addEventListener("error", () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    window.setTimeout(() => window.location.reload(), 3000 + Math.random() * 4000); // signed out, or a new server
  });
  window.setInterval(showLink, 500);
  showLink();
}
