// What the player asks of whatever decodes the stream: hls.js or the micro engine over Media Source Extensions, or the
// browser itself.

export interface Level {
  readonly height: number;
}

export interface Engine {
  readonly name: "mse" | "micro" | "native";
  /** Levels by height, tallest first; empty while unknown or where the browser chooses by itself. */
  levels(): Level[];
  /** Height of the picture being shown; 0 for sound alone. */
  height(): number;
  /** Only this height from now on; null: let the line decide. */
  prefer(height: number | null): void;
  /** When the moment that is now heard and seen was on program; null while unknown. */
  shownAt(): Date | null;
  /** Media seconds of the newest moment that can be jumped to. */
  livePoint(): number | null;
  /** Bytes of media and playlists fetched so far; null where the browser does not tell. */
  bytes(): number | null;
  /** `performance.now()` of the last time something new was announced. */
  newsAt(): number;
  stop(): void;
}

export interface Reports {
  levelsKnown(): void;
  /** The engine gave up; it must be stopped and another started. */
  failed(why: string): void;
  /** Milliseconds before attempt number `attempt` (0 is the first retry), never the same for all. */
  delay(attempt: number): number;
}

export type StartEngine = (video: HTMLVideoElement, address: string, lowLatency: boolean, to: Reports) => Engine;
