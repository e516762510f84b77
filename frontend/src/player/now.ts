// What is on now and next, asked of the server about once a minute; on a weak line every five.

import { ask as askFor } from "./probe";

export interface Person {
  readonly name: string;
  readonly about: string;
}

export interface SessionNow {
  readonly guid: string;
  readonly title: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly persons: readonly Person[];
}

export interface Now {
  readonly now: SessionNow | null;
  readonly next: SessionNow | null;
  readonly low_latency: boolean;
}

const MINUTE_MS = 60000;

/** Tell `hear` what is on, for as long as the page is open; with jitter, and silently when the line is cut. */
export function followNow(address: string, isOnWeakLine: () => boolean, hear: (now: Now) => void): void {
  const ask = async (): Promise<void> => {
    try {
      const [answer, text] = await askFor(address);
      if (answer.ok) hear(JSON.parse(text) as Now);
    } catch {
      // The next turn asks again.
    }
    wait();
  };
  const pause = (): number => MINUTE_MS * (isOnWeakLine() ? 5 : 1) * (0.75 + Math.random() / 2);
  const wait = (): number => window.setTimeout(() => (document.hidden ? wait() : void ask()), pause());
  wait();
}
