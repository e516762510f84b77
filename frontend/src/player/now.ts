// What is on now and next, asked of the server about once a minute.

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

/** Tell `hear` what is on, for as long as the page is open; with jitter, and silently when the line is cut. */
export function followNow(address: string, hear: (now: Now) => void): void {
  const ask = async (): Promise<void> => {
    try {
      const answer = await fetch(address, { credentials: "same-origin" });
      if (answer.ok) hear((await answer.json()) as Now);
    } catch {
      // The next turn asks again.
    }
    wait();
  };
  const wait = (): number => window.setTimeout(() => (document.hidden ? wait() : void ask()), 45000 + Math.random() * 30000);
  wait();
}
