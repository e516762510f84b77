// The player: keeps the stream running for as long as the page is open, whatever happens to it.
import { engineFor, planOf, type Choice, type Offer, type Plan } from "./choice";
import type { Engine } from "./engine";
import { probe, type Finding } from "./probe";
import { retryDelay } from "./retry";
import { Stalls } from "./weak_line";

export type State = "starting" | "playing" | "waiting" | "paused" | "off-air" | "cannot";

const LOOK_MS = 250;
const PATIENCE_MS = 1500; // without progress: “one moment”
const OFF_AIR_MS = 4500; // without progress: the off-air picture
const START_MS = 9000; // a new engine may take so long to its first frame
const STEADY_MS = 4000; // playing for so long, the next retry starts from the first pause
const LONG_PAUSE_MS = 20000; // after that a pause stops fetching, and playing starts at live
const LONG_ABSENCE = 5; // long segments are not there after so many retries: short ones will do

export class Player {
  state: State = "starting";
  stalls = 0;
  restarts = 0;
  needsTap = false;
  engine: Engine | null = null;
  lastFailure = "";
  /** Low-link mode: sound alone in long segments, because the line bears no more. */
  isOnWeakLine = false;
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
  private isOpen = false;
  private readonly weakStalls = new Stalls();
  private wasStalled = false;
  private isBroken = false;

  /** `isByHand`: the viewer has said how to watch, and no measurement says better. */
  constructor(
    readonly video: HTMLVideoElement,
    readonly offer: Offer,
    public choice: Choice,
    private isByHand: boolean,
    private readonly onChange: () => void,
  ) {}

  /** What is played, or will be. */
  get plan(): Plan {
    return planOf(this.choice, this.offer);
  }

  /** Begin. `released`: the server says that the stream moves, so there is no need to look first. */
  async open(released: boolean): Promise<void> {
    this.isOpen = true;
    window.setInterval(() => this.look(), LOOK_MS);
    this.video.addEventListener("pause", () => this.onPause());
    this.video.addEventListener("play", () => this.onPlay());
    window.addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
    if (released) await this.launch();
    else await this.tryAgain();
  }

  toggle(): void {
    if (this.video.paused) void this.play();
    else this.video.pause();
  }

  /** The viewer's wish. */
  choose(choice: Choice): void {
    this.isByHand = true;
    this.isOnWeakLine &&= choice === "audio-least";
    this.follow(choice);
  }

  /** The line bears no picture: low-link mode, unless the viewer has said otherwise. */
  weaken(): void {
    if (this.isByHand) return;
    this.isOnWeakLine = true;
    this.follow("audio-least");
  }

  private follow(choice: Choice): void {
    const before = this.plan;
    this.choice = choice;
    const { engine, address } = this.plan;
    if (address !== before.address) {
      this.attempt = 0;
      if (this.engine) void this.launch();
      else if (this.isOpen) {
        this.dropEngine(); // also one that is still being fetched
        void this.tryAgain();
      }
    } else if (engine === "mse") {
      this.engine?.prefer(typeof choice === "number" ? choice : null);
    }
    this.onChange();
  }

  toLive(): void {
    const point = this.engine?.livePoint();
    if (point !== null && point !== undefined && point > this.video.currentTime) this.video.currentTime = point;
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

  secondsBehind(): number | null {
    const point = this.engine?.livePoint();
    return point === null || point === undefined ? null : Math.max(0, point - this.video.currentTime);
  }

  private async launch(): Promise<void> {
    this.dropEngine();
    this.lastTime = -1;
    if (this.state !== "off-air") this.become("starting");
    const { run, plan } = this;
    const start = await engineFor(plan, this.video);
    if (run !== this.run) return;
    if (!start) return this.become("cannot");
    this.startedAt = this.lastProgress = performance.now();
    this.engine = start(this.video, plan.address, this.offer.lowLatency && plan.engine === "mse", {
      levelsKnown: () => {
        if (run === this.run && typeof this.choice === "number") this.engine?.prefer(this.choice);
        this.onChange();
      },
      failed: (why) => {
        if (run !== this.run) return;
        this.lastFailure = why;
        if (this.state === "paused") return this.dropEngine(); // who plays on starts anew
        this.isBroken = true; // what is buffered plays on meanwhile
        this.retryLater();
      },
      delay: retryDelay,
    });
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
    if (!(await this.isRefused())) return;
    const wasMuted = this.video.muted;
    this.video.muted = this.needsTap = true; // sound needs a tap first; the picture mostly does not
    this.onChange();
    if (!wasMuted && !(await this.isRefused())) return;
    this.pausedAt = performance.now(); // here it does: phones that save power, and who has told the browser so
    this.become("paused");
  }

  private async isRefused(): Promise<boolean> {
    try {
      await this.video.play();
      return false;
    } catch (error) {
      return error instanceof DOMException && error.name === "NotAllowedError";
    }
  }

  private onPause(): void {
    this.pausedAt = performance.now();
    if (!this.engine || this.state === "off-air") return;
    this.become("paused");
    if (this.isBroken) this.dropEngine();
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
    const { patience } = this.plan;
    const start = START_MS * patience;
    const offAir = OFF_AIR_MS * patience;
    if (this.video.ended || idle > (now - this.startedAt < start ? start : offAir)) {
      this.lastFailure = "no progress";
      if (!this.hasPlayed && this.isTooWeak(now)) return this.weaken();
      const isAwaited = this.retryTimer !== 0;
      this.dropEngine();
      this.become("off-air");
      if (isAwaited) this.attempt -= 1;
      this.retryLater();
    } else if (idle > PATIENCE_MS / 3 && this.state === "playing") {
      const isNew = !this.wasStalled && !this.video.seeking;
      this.wasStalled = true;
      if (isNew) this.stalls += 1;
      if (isNew && this.isTooWeak(now)) return this.weaken();
      if (idle > PATIENCE_MS) this.become("waiting");
      this.jumpOverHole();
    } else if (idle > offAir && this.state === "starting") {
      this.become("off-air");
    }
  }

  /** It has stopped: too often, on the least that can be had without asking the viewer? */
  private isTooWeak(now: number): boolean {
    if (this.isByHand || this.choice === "audio-least" || !this.engine) return false;
    const least = Math.min(...this.engine.levels().map((level) => level.height));
    return this.engine.height() <= least && this.weakStalls.areTooMany(now);
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
    const { offer, plan } = this;
    let found: Finding = await probe(plan.address);
    if (found === "absent" && offer.lowLatency && plan.engine === "mse") {
      found = await probe(`${offer.live}master.m3u8`);
      if (found === "moving") offer.lowLatency = false;
    }
    if (found !== "moving" && plan.address.includes("long.m3u8") && this.attempt > LONG_ABSENCE) {
      found = await probe(planOf(this.choice, { ...offer, hasLong: false }).address);
      if (found === "moving") offer.hasLong = false;
    }
    if (run !== this.run || (this.engine && !this.isBroken)) return;
    if (found === "moving") {
      this.restarts += 1;
      void this.launch();
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
