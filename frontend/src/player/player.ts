// The player: keeps the stream running for as long as the page is open, whatever happens to it.
import type { Engine, StartEngine } from "./engine";
import { playsNatively, startNative } from "./native";
import { probe, type Finding } from "./probe";
import { retryDelay } from "./retry";

export type State = "starting" | "playing" | "waiting" | "paused" | "off-air" | "cannot";
export type Choice = "auto" | "audio" | "audio-least" | number;

const LOOK_MS = 250;
const PATIENCE_MS = 1500; // without progress: “one moment”
const OFF_AIR_MS = 4500; // without progress: the off-air picture
const START_MS = 9000; // a new engine may take so long to its first frame
const STEADY_MS = 4000; // playing for so long, the next retry starts from the first pause
const LONG_PAUSE_MS = 20000; // after that a pause stops fetching, and playing starts at live

export class Player {
  state: State = "starting";
  choice: Choice = "auto";
  stalls = 0;
  restarts = 0;
  needsTap = false;
  engine: Engine | null = null;
  lastFailure = "";
  private attempt = 0;
  private retryTimer = 0;
  private lastTime = -1;
  private lastProgress = performance.now();
  private steadySince = 0;
  private startedAt = 0;
  private pausedAt = 0;
  private hasPlayed = false;
  private earlierBytes = 0;
  private run = 0;
  private start: StartEngine | null = null;
  private wasStalled = false;
  private isBroken = false;

  constructor(
    readonly video: HTMLVideoElement,
    private readonly live: string,
    public lowLatency: boolean,
    private readonly audio: readonly string[],
    private readonly onChange: () => void,
  ) {}

  /** Begin. `released`: the server says that the stream moves, so there is no need to look first. */
  async open(released: boolean): Promise<void> {
    this.start = await chooseEngine(this.video);
    if (!this.start) {
      this.become("cannot");
      return;
    }
    window.setInterval(() => this.look(), LOOK_MS);
    this.video.addEventListener("pause", () => this.onPause());
    this.video.addEventListener("play", () => this.onPlay());
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    if (released) this.launch(this.address());
    else await this.tryAgain();
  }

  toggle(): void {
    if (this.video.paused) void this.play();
    else this.video.pause();
  }

  choose(choice: Choice): void {
    const before = this.choice;
    this.choice = choice;
    if (this.soundAlone(before) !== this.soundAlone(choice) || this.soundAlone(choice)) {
      this.attempt = 0;
      if (this.engine) this.launch(this.address());
      else void this.tryAgain();
    } else {
      this.engine?.prefer(typeof choice === "number" ? choice : null);
    }
    this.onChange();
  }

  toLive(): void {
    const point = this.engine?.livePoint();
    if (point !== null && point !== undefined) this.video.currentTime = point;
    if (this.video.paused) void this.play();
  }

  setMuted(muted: boolean): void {
    this.video.muted = muted;
    this.needsTap = false;
    if (!muted && this.video.volume === 0) this.video.volume = 0.5;
    this.onChange();
  }

  bytes(): number | null {
    const now = this.engine ? this.engine.bytes() : 0;
    return now === null ? null : this.earlierBytes + now;
  }

  hasSoundAlone(least: boolean): boolean {
    return least ? this.leastAudio() !== null && this.audio.length > 1 : this.audio.length > 0;
  }

  secondsBehind(): number | null {
    const point = this.engine?.livePoint();
    return point === null || point === undefined ? null : Math.max(0, point - this.video.currentTime);
  }

  private soundAlone(choice: Choice): boolean {
    return choice === "audio" || choice === "audio-least";
  }

  private leastAudio(): string | null {
    const source = "MediaSource" in window ? MediaSource : null;
    if (this.audio.includes("opus16") && source?.isTypeSupported('audio/mp4; codecs="opus"')) return "opus16";
    return this.audio.find((name) => name === "a32") ?? null;
  }

  private address(): string {
    if (this.choice === "audio") return `${this.live}${this.audio[0] ?? "a64"}/index.m3u8`;
    if (this.choice === "audio-least") return `${this.live}${this.leastAudio() ?? "a32"}/index.m3u8`;
    return `${this.live}${this.lowLatency ? "master-ll.m3u8" : "master.m3u8"}`;
  }

  private launch(address: string): void {
    this.dropEngine();
    this.lastTime = -1;
    this.startedAt = this.lastProgress = performance.now();
    const run = this.run;
    if (this.start === null) return;
    this.engine = this.start(this.video, address, this.lowLatency && !this.soundAlone(this.choice), {
      levelsKnown: () => {
        if (run === this.run && typeof this.choice === "number") this.engine?.prefer(this.choice);
        this.onChange();
      },
      failed: (why) => {
        if (run !== this.run) return;
        this.lastFailure = why;
        this.isBroken = true; // what is buffered plays on meanwhile
        this.retryLater();
      },
    });
    if (this.state !== "off-air") this.become("starting");
    void this.play();
  }

  private dropEngine(): void {
    this.run += 1;
    this.isBroken = false;
    window.clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    if (this.engine) {
      this.earlierBytes += this.engine.bytes() ?? 0;
      this.engine.stop();
      this.engine = null;
    }
  }

  private async play(): Promise<void> {
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError" || this.video.muted) return;
      this.video.muted = true; // sound needs a tap first; the picture does not
      this.needsTap = true;
      this.onChange();
      await this.video.play().catch(() => undefined);
    }
  }

  private onPause(): void {
    this.pausedAt = performance.now();
    if (this.engine && this.state !== "off-air") this.become("paused");
  }

  private onPlay(): void {
    this.lastProgress = performance.now();
    if (!this.engine && this.state === "paused") void this.tryAgain();
    else if (this.state === "paused") this.become("waiting");
  }

  private look(): void {
    const now = performance.now();
    if (this.state === "paused") {
      if (this.engine && now - this.pausedAt > LONG_PAUSE_MS) this.dropEngine();
    } else if (this.engine) {
      this.judge(now);
    }
    this.onChange();
  }

  private judge(now: number): void {
    const time = this.video.currentTime;
    if (time !== this.lastTime && this.video.readyState >= 2) {
      if (this.lastTime >= 0 && time > this.lastTime) this.progressed(now);
      this.lastTime = time;
      return;
    }
    const idle = now - this.lastProgress;
    if (this.video.ended || idle > (now - this.startedAt < START_MS ? START_MS : OFF_AIR_MS)) {
      this.lastFailure = "no progress";
      const isAwaited = this.retryTimer !== 0;
      this.dropEngine();
      this.become("off-air");
      if (isAwaited) this.attempt -= 1;
      this.retryLater();
    } else if (idle > PATIENCE_MS / 3 && this.state === "playing") {
      if (!this.wasStalled && !this.video.seeking) this.stalls += 1;
      this.wasStalled = true;
      if (idle > PATIENCE_MS) this.become("waiting");
      this.jumpOverHole();
    } else if (idle > OFF_AIR_MS && this.state === "starting") {
      this.become("off-air");
    }
  }

  private progressed(now: number): void {
    this.lastProgress = now;
    this.wasStalled = false;
    this.hasPlayed = true;
    if (this.state !== "playing") {
      this.steadySince = now;
      this.become("playing");
    } else if (now - this.steadySince > STEADY_MS) {
      this.attempt = 0;
    }
  }

  /** A hole in the buffer with something behind it: go there. hls.js does so itself, but not over every hole. */
  private jumpOverHole(): void {
    const { buffered, currentTime } = this.video;
    for (let index = 0; index < buffered.length; index += 1) {
      const from = buffered.start(index);
      if (from > currentTime + 0.05 && buffered.end(index) - from > 0.5) {
        this.video.currentTime = from + 0.05;
        return;
      }
    }
  }

  private retryLater(): void {
    if (this.retryTimer) return;
    const wait = retryDelay(this.attempt);
    this.attempt += 1;
    this.retryTimer = window.setTimeout(() => void this.tryAgain(), wait);
    if (this.state === "off-air" || this.isBroken) return;
    if (performance.now() - this.lastProgress > OFF_AIR_MS) this.become("off-air");
    else this.become(this.hasPlayed ? "waiting" : "starting");
  }

  private retryNow(): void {
    if (this.retryTimer) void this.tryAgain();
  }

  private async tryAgain(): Promise<void> {
    window.clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    const run = this.run;
    let found: Finding = await probe(this.address());
    if (found === "absent" && this.lowLatency && !this.soundAlone(this.choice)) {
      found = await probe(`${this.live}master.m3u8`);
      if (found === "moving") this.lowLatency = false;
    }
    if (run !== this.run || (this.engine && !this.isBroken)) return;
    if (found === "moving") {
      this.restarts += 1;
      this.launch(this.address());
    } else {
      this.lastFailure = found;
      if (!this.hasPlayed || performance.now() - this.lastProgress > OFF_AIR_MS) this.become("off-air");
      this.retryLater();
    }
  }

  private become(state: State): void {
    if (this.state === state) return;
    this.state = state;
    this.onChange();
  }
}

async function chooseEngine(video: HTMLVideoElement): Promise<StartEngine | null> {
  if ("MediaSource" in window || "ManagedMediaSource" in window) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const mse = await import("./mse");
        if (mse.isSupported()) return mse.startMse;
        break;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryDelay(attempt))); // the line was cut just then
      }
    }
  }
  return playsNatively(video) ? startNative : null;
}
