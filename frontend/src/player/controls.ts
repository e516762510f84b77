// The player's own controls, and the figures that it shows.
import { number } from "../times";
import { isOffered, isSoundAlone, type Choice } from "./choice";
import { OffAirPicture } from "./off_air";
import { Player } from "./player";
import { isWeakLine } from "./weak_line";
import { say, wordsOf, type Words } from "./words";

type FullScreenVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

const BEHIND_SECONDS = 8;
const STALE_SECONDS = 8;
const IDLE_MS = 3000;

export class Controls {
  readonly words: Words;
  readonly offAir: OffAirPicture;
  readonly player: Player;
  private readonly quality: HTMLSelectElement;
  private shownChoices = "";
  private idleTimer = 0;

  /** `whole` is what fills the screen on demand. */
  constructor(
    readonly root: HTMLElement,
    private readonly whole: HTMLElement = root,
  ) {
    this.words = wordsOf(root);
    this.offAir = new OffAirPicture(this.part(".off-air"), this.words);
    this.quality = this.part<HTMLSelectElement>("select");
    const given = root.dataset;
    const offer = {
      live: given.live ?? "/live/",
      audio: (given.audio ?? "").split(" ").filter(Boolean),
      heights: (given.heights ?? "").split(" ").filter(Boolean).map(Number),
      lowLatency: given.lowLatency === "yes",
      hasLong: true,
    };
    const choice = (given.choice ?? "auto") as Choice;
    this.player = new Player(this.part("video"), offer, choice, given.line === "full", () => this.show());
    if (given.line === "low" || isWeakLine()) this.player.weaken();
    this.connect();
  }

  /** Start playing. */
  open(): void {
    this.show();
    void this.player.open(this.root.dataset.released === "yes");
  }

  /** What the links beside the player say; what is sound alone already stays as it is. */
  choose(choice: Choice): void {
    if (!isSoundAlone(choice) || !isSoundAlone(this.player.choice)) this.player.choose(choice);
  }

  setVolume(volume: number): void {
    const { video } = this.player;
    video.volume = Math.min(1, Math.max(0, volume));
    this.player.setMuted(video.volume === 0);
  }

  seekBy(seconds: number): void {
    const { video } = this.player;
    const { seekable } = video;
    if (!seekable.length) return;
    const end = this.player.engine?.livePoint() ?? seekable.end(seekable.length - 1);
    video.currentTime = Math.min(end, Math.max(seekable.start(0), video.currentTime + seconds));
  }

  toggleFullScreen(): void {
    const video: FullScreenVideo = this.player.video;
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (this.whole.requestFullscreen) void this.whole.requestFullscreen().catch(() => undefined);
    else video.webkitEnterFullscreen?.();
  }

  private part<T extends HTMLElement>(selector: string): T {
    const element = this.root.querySelector<T>(selector);
    if (!element) throw new Error(`the page lacks ${selector}`);
    return element;
  }

  private connect(): void {
    const { player, root } = this;
    const on = (what: string, act: () => void): void =>
      this.part(`[data-do="${what}"]`).addEventListener(what === "volume" ? "input" : "click", act);
    on("play", () => player.toggle());
    on("mute", () => player.setMuted(!player.video.muted));
    on("live", () => player.toLive());
    on("full", () => this.toggleFullScreen());
    on("volume", () => this.setVolume(this.part<HTMLInputElement>('[data-do="volume"]').valueAsNumber / 100));
    this.part(".tap").addEventListener("click", () => {
      player.setMuted(false);
      if (player.video.paused) player.toggle();
    });
    this.quality.addEventListener("change", () => {
      const value = this.quality.value;
      player.choose(/^\d+$/.test(value) ? Number(value) : (value as Choice));
    });
    player.video.addEventListener("volumechange", () => this.show());
    player.video.addEventListener("dblclick", () => this.toggleFullScreen());
    document.addEventListener("fullscreenchange", () => this.show());
    const awake = (): void => {
      root.classList.remove("is-idle");
      window.clearTimeout(this.idleTimer);
      this.idleTimer = window.setTimeout(() => root.classList.add("is-idle"), IDLE_MS);
    };
    for (const sign of ["pointermove", "pointerdown", "keydown"]) root.addEventListener(sign, awake);
  }

  /** Bring everything on the screen in line with the player. */
  private show(): void {
    const { player, root } = this;
    const { video } = player;
    const isOff = player.state === "off-air" || player.state === "cannot";
    this.offAir.show(isOff, player.restarts > 0 || player.stalls > 0 || video.played.length > 0, player.state !== "cannot");
    this.part(".tap").hidden = !player.needsTap || isOff;
    this.part(".patience").hidden = player.state !== "waiting" && player.state !== "starting";
    const soundAlone = isSoundAlone(player.choice);
    this.part(".audio-face").hidden = !soundAlone || isOff;
    this.part(".weak-line").hidden = !player.isOnWeakLine;
    for (const link of document.querySelectorAll<HTMLElement>("[data-way]")) {
      if (isSoundAlone(link.dataset.way as Choice) === soundAlone) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.name("play", video.paused ? "play" : "pause");
    this.name("mute", video.muted ? "unmute" : "mute");
    this.name("full", document.fullscreenElement ? "leave_full" : "full");
    root.classList.toggle("is-paused", video.paused);
    root.classList.toggle("is-muted", video.muted);
    root.classList.toggle("is-full", document.fullscreenElement === root);
    const volume = this.part<HTMLInputElement>('[data-do="volume"]');
    if (document.activeElement !== volume) volume.value = String(video.muted ? 0 : Math.round(video.volume * 100));
    this.showLive();
    this.showChoices();
    this.showFigures();
  }

  private name(what: string, word: string): void {
    const button = this.part(`[data-do="${what}"]`);
    const text = say(this.words, word);
    if (button.getAttribute("aria-label") === text) return;
    button.setAttribute("aria-label", text);
    button.title = button.title.replace(/^.*(?= \()/, text);
  }

  private showLive(): void {
    const behind = this.player.secondsBehind();
    const much = BEHIND_SECONDS * (this.player.plan.patience > 1 ? 2 : 1); // where a long segment is joined makes ten seconds
    const isLive = this.player.state === "playing" && behind !== null && behind < much;
    this.part(".live-badge").classList.toggle("is-live", isLive);
    const isBehind = behind !== null && behind >= much;
    this.put("live-text", isBehind ? say(this.words, "behind", { seconds: number(Math.round(behind)) }) : say(this.words, "live"));
  }

  private showChoices(): void {
    const { player } = this;
    const height = player.engine?.height() ?? 0;
    const auto = height ? say(this.words, "auto_at", { level: `\u2066${number(height)}p\u2069` }) : say(this.words, "auto");
    const choices: [string, string][] = [["auto", player.choice === "auto" ? auto : say(this.words, "auto")]];
    const levels = player.engine?.levels().map((level) => level.height) ?? [];
    const heights = levels.length || player.engine?.name === "native" ? levels : [...player.offer.heights];
    if (typeof player.choice === "number" && !heights.includes(player.choice)) heights.push(player.choice);
    for (const each of heights) choices.push([String(each), `${number(each)}p`]);
    for (const [choice, word] of [["small", "small"], ["audio", "audio"], ["audio-least", "audio_least"]] as const)
      if (isOffered(choice, player.offer)) choices.push([choice, say(this.words, word)]);
    const shown = JSON.stringify(choices);
    if (shown !== this.shownChoices) this.quality.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
    this.shownChoices = shown;
    const chosen = String(player.choice);
    if (this.quality.value !== chosen) this.quality.value = chosen;
  }

  private showFigures(): void {
    const { player, root } = this;
    const bytes = player.bytes();
    this.put("used", bytes === null ? "–" : say(this.words, "megabytes", { amount: number(bytes / 1e6, 1) }));
    const age = player.engine && player.state !== "paused" ? (performance.now() - player.engine.newsAt()) / 1000 : 0;
    this.put("staleness", age > STALE_SECONDS * player.plan.patience ? say(this.words, "stale", { seconds: number(Math.round(age)) }) : "");
    const shownAt = player.engine?.shownAt() ?? null;
    const figures: Record<string, string> = {
      state: player.state,
      level: String(player.engine?.height() ?? ""),
      choice: String(player.choice),
      stalls: String(player.stalls),
      restarts: String(player.restarts),
      bytes: String(bytes ?? ""),
      engine: player.engine?.name ?? "",
      onWeakLine: player.isOnWeakLine ? "yes" : "no",
      shownAt: shownAt?.toISOString() ?? "",
      latency: shownAt ? ((Date.now() - shownAt.valueOf()) / 1000).toFixed(2) : "",
      failure: player.lastFailure,
    };
    for (const [name, value] of Object.entries(figures)) if (root.dataset[name] !== value) root.dataset[name] = value;
  }

  private put(part: string, text: string): void {
    const element = this.part(`[data-part="${part}"]`);
    if (element.textContent !== text) element.textContent = text;
  }
}
