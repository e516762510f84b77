// What is on now and next, asked of the server about once a minute; on a weak line every five.

export interface SessionNow {
  readonly guid: string;
  readonly title: string;
  readonly starts_at: string;
  readonly ends_at: string;
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
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.ok) hear((await answer.json()) as Now);
    } catch {
      // The next turn asks again.
    }
    wait();
  };
  const pause = (): number => MINUTE_MS * (isOnWeakLine() ? 5 : 1) * (0.75 + Math.random() / 2);
  const wait = (): number => window.setTimeout(() => (document.hidden ? wait() : void ask()), pause());
  wait();
}
