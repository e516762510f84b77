// The Break-it panel: presses go out without a reload, so that the player plays on; the log comes in by asking.
import { morph } from "./control/morph";
import { loadFonts } from "./fonts";
import { Controls } from "./player/controls";
import { listenToKeys } from "./player/keyboard";
import { say, wordsOf } from "./player/words";
import { number } from "./times";

const ASK_MS = 600;
const PATIENCE_MS = 2500;
const LOOK_MS = 100;
const STILL_MS = 250; // a picture may stand for so long without anybody calling it a stall
const LISTEN_MS = 12000; // what the player holds is shown long after it was made, so a stall may come late

interface Screen {
  readonly running: string | null;
  readonly log: string;
}

/** How long the player stood still, in all. Pauses by hand do not count. */
class Stillness {
  private total = 0;
  private movedAt = performance.now();
  private lastTime = -1;

  constructor(private readonly video: HTMLVideoElement) {
    window.setInterval(() => this.look(), LOOK_MS);
  }

  milliseconds(): number {
    const still = performance.now() - this.movedAt;
    return this.total + (still > STILL_MS ? still : 0);
  }

  private look(): void {
    const now = performance.now();
    const { currentTime } = this.video;
    if (currentTime === this.lastTime && !(this.video.paused && this.lastTime > 0)) return;
    const still = now - this.movedAt;
    if (still > STILL_MS && this.lastTime >= 0 && currentTime !== this.lastTime) this.total += still;
    this.lastTime = currentTime;
    this.movedAt = now;
  }
}

loadFonts();
const panel = document.getElementById("break");
const root = document.getElementById("player");
const log = document.getElementById("break-log");
if (panel && root && log) {
  const controls = new Controls(root);
  controls.player.video.muted = true;
  listenToKeys(controls.player, controls);
  controls.open();
  follow(panel, log, new Stillness(controls.player.video));
}

function follow(panel: HTMLElement, log: HTMLElement, stillness: Stillness): void {
  const words = wordsOf(panel);
  const outcome = document.getElementById("outcome");
  const known = new Map<string, { before: number; until: number; stalled: number }>();
  for (const row of log.querySelectorAll<HTMLElement>("[data-over=yes]"))
    known.set(row.dataset.happening ?? "", { before: 0, until: 0, stalled: -1 }); // before this page was opened

  const tell = (sentence: string): void => {
    if (!outcome) return;
    outcome.textContent = sentence;
    outcome.hidden = sentence === "";
  };

  const show = (screen: Screen): void => {
    morph(log, screen.log);
    document.getElementById("nothing-yet")?.toggleAttribute("hidden", log.childElementCount > 0);
    for (const row of log.querySelectorAll<HTMLElement>("[data-happening]")) showStall(row);
    for (const form of panel.querySelectorAll<HTMLFormElement>(".fault")) {
      const button = form.querySelector("button");
      form.classList.toggle("is-running", form.dataset.fault === screen.running);
      // Not “disabled”: whoever works with the keyboard must not lose their place.
      if (button && !("obstacle" in button.dataset)) {
        button.disabled = false;
        button.setAttribute("aria-disabled", String(screen.running !== null));
      }
    }
  };

  const showStall = (row: HTMLElement): void => {
    const which = row.dataset.happening ?? "";
    const now = stillness.milliseconds();
    let about = known.get(which);
    if (!about) known.set(which, (about = { before: now, until: Infinity, stalled: 0 }));
    if (about.stalled < 0) return;
    if (row.dataset.over === "yes" && about.until === Infinity) about.until = performance.now() + LISTEN_MS;
    if (performance.now() < about.until) about.stalled = now - about.before;
    const text = say(words, "stalled", { seconds: number(about.stalled / 1000, 1) });
    const part = row.querySelector(".own-player");
    if (part && part.textContent !== text) part.textContent = text;
    row.dataset.stalled = (about.stalled / 1000).toFixed(1);
  };

  const ask = async (): Promise<void> => {
    try {
      const answer = await fetch(panel.dataset.screen ?? "", { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status === 401) window.location.reload();
      if (answer.ok) {
        show((await answer.json()) as Screen);
        if (outcome?.dataset.kind === "unreachable") tell("");
      }
    } catch {
      if (outcome) outcome.dataset.kind = "unreachable";
      tell(say(words, "unreachable"));
    }
    window.setTimeout(() => void ask(), ASK_MS);
  };

  panel.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    event.preventDefault();
    if (form.querySelector("button")?.getAttribute("aria-disabled") === "true") return;
    void press(form);
  });

  const press = async (form: HTMLFormElement): Promise<void> => {
    const body = new URLSearchParams({ csrf: panel.dataset.csrf ?? "" });
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", signal });
      if (outcome) outcome.dataset.kind = "answer";
      const page = answer.type === "opaqueredirect" ? null : new DOMParser().parseFromString(await answer.text(), "text/html");
      tell(page?.getElementById("outcome")?.textContent ?? "");
    } catch {
      tell(say(words, "unreachable"));
    }
  };

  void ask();
}
