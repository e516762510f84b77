// Orders: forms and keys become requests to the API; the answer is said where the eyes are.
import { say, type Words } from "../player/words";

const SHOWN_MS = 8000;

export class Verbs {
  private hideTimer = 0;

  constructor(
    private readonly desk: HTMLElement,
    private readonly words: Words,
  ) {
    document.addEventListener("submit", (event) => {
      const form = event.target as HTMLFormElement;
      const button = event.submitter as HTMLButtonElement | null;
      const action = new URL(button?.hasAttribute("formaction") ? (button.formAction) : form.action).pathname;
      const verb = /^\/control\/(cue|take|arm|restart|lower-third|receiver-(?:on|off|restart))$/.exec(action)?.[1];
      if (!verb) return;
      event.preventDefault();
      const fields = Object.fromEntries(new FormData(form, button).entries()) as Record<string, string>;
      void this.send(verb, fields);
    });
  }

  /** Send one order. A take carries the airing it was pressed from, and a key that makes a repeat harmless. */
  async send(verb: string, fields: Record<string, string | number | boolean>): Promise<void> {
    const { csrf, ...order } = fields;
    void csrf;
    const body: Record<string, unknown> = { ...order };
    if (verb === "take") {
      body.airing ??= this.airing();
      body.key = crypto.getRandomValues(new Uint32Array(3)).join("-");
    }
    if (verb === "arm") body.armed = order.armed === "true" || order.armed === true;
    try {
      const answer = await fetch(`/api/control/${verb}${window.location.search}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": this.desk.dataset.csrf ?? "" },
        body: JSON.stringify(body),
      });
      const outcome = (await answer.json()) as { ok: boolean; sentence: string; code: string };
      this.tell(outcome.ok && outcome.code === "done" ? "" : outcome.sentence, outcome.ok);
    } catch {
      this.tell(say(this.words, "unreachable"), false);
    }
  }

  private airing(): string {
    return document.querySelector<HTMLInputElement>('input[name="airing"]')?.value ?? "";
  }

  private tell(sentence: string, isGood: boolean): void {
    const place = document.getElementById("outcome");
    if (!place) return;
    place.textContent = sentence;
    place.hidden = sentence === "";
    place.classList.toggle("is-good", isGood);
    window.clearTimeout(this.hideTimer);
    this.hideTimer = window.setTimeout(() => (place.hidden = true), SHOWN_MS);
  }
}
