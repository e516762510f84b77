// The player's own controls, and the figures that it shows.
import { number } from "../times";
import { OffAirPicture } from "./off_air";
import { Player, type Choice } from "./player";
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
    const audio = (given.audio ?? "").split(" ").filter(Boolean);
    this.player = new Player(this.part("video"), given.live ?? "/live/", given.lowLatency === "yes", audio, () => this.show());
    this.connect();
  }

  /** Start playing. */
  open(): void {
    this.show();
    void this.player.open(this.root.dataset.released === "yes");
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
    const soundAlone = player.choice === "audio" || player.choice === "audio-least";
    this.part(".audio-face").hidden = !soundAlone || isOff;
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
    const isLive = this.player.state === "playing" && behind !== null && behind < BEHIND_SECONDS;
    this.part(".live-badge").classList.toggle("is-live", isLive);
    const isBehind = behind !== null && behind >= BEHIND_SECONDS;
    this.put("live-text", isBehind ? say(this.words, "behind", { seconds: number(Math.round(behind)) }) : say(this.words, "live"));
  }

  private showChoices(): void {
    const { player } = this;
    const height = player.engine?.height() ?? 0;
    const auto = height ? say(this.words, "auto_at", { level: `\u2066${number(height)}p\u2069` }) : say(this.words, "auto");
    const choices: [string, string][] = [["auto", player.choice === "auto" ? auto : say(this.words, "auto")]];
    for (const level of player.engine?.levels() ?? []) choices.push([String(level.height), `${number(level.height)}p`]);
    if (typeof player.choice === "number" && !choices.some(([value]) => value === String(player.choice)))
      choices.push([String(player.choice), `${number(player.choice)}p`]);
    if (player.hasSoundAlone(false)) choices.push(["audio", say(this.words, "audio")]);
    if (player.hasSoundAlone(true)) choices.push(["audio-least", say(this.words, "audio_least")]);
    const shown = JSON.stringify(choices);
    if (shown === this.shownChoices) return;
    this.shownChoices = shown;
    this.quality.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
    this.quality.value = String(player.choice);
  }

  private showFigures(): void {
    const { player, root } = this;
    const bytes = player.bytes();
    this.put("used", bytes === null ? "–" : say(this.words, "megabytes", { amount: number(bytes / 1e6, 1) }));
    const age = player.engine && player.state !== "paused" ? (performance.now() - player.engine.newsAt()) / 1000 : 0;
    this.put("staleness", age > STALE_SECONDS ? say(this.words, "stale", { seconds: number(Math.round(age)) }) : "");
    const shownAt = player.engine?.shownAt() ?? null;
    const figures: Record<string, string> = {
      state: player.state,
      level: String(player.engine?.height() ?? ""),
      choice: String(player.choice),
      stalls: String(player.stalls),
      restarts: String(player.restarts),
      bytes: String(bytes ?? ""),
      engine: player.engine?.name ?? "",
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
