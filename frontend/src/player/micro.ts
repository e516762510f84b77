// The small engine: one rendition, or a picture and its sound, over Media Source Extensions. For sound alone, for weak
// lines and weak devices: it is thirty times smaller than hls.js, asks no more often than it must, and plays bytes as
// they come.
import type { Engine, Reports, StartEngine } from "./engine";

const JOIN = 3; // RFC 8216bis, 6.3.3: so many target durations before the end a player begins
const START_S = 2; // so much has to be there before it is heard; three times that, where it comes slower than it plays
const AHEAD_S = 60; // so much is fetched ahead of what is heard
const BACK_S = 20; // so much of what was heard stays
const FAR_S = 60; // who is so much further behind than at the start goes to live
const MARGIN_S = 4; // with so much left over, one long segment more is waited for before asking again
const FAILURES = 5; // so often in a row something may fail; more often while there is something to play
const SILENCE_MS = 12000; // for so long nothing may come before a request counts as lost
const LOOK_MS = 250;

interface Segment {
  readonly address: string;
  readonly init: string;
  /** Milliseconds since 1970 of the first sample, and of what comes after the last. */
  readonly begins: number;
  readonly ends: number;
}

interface Listing {
  readonly target: number;
  readonly segments: Segment[];
}

/** What of a media playlist (RFC 8216bis) is needed; gaps are left out, dates run on from the last one told. */
export function listingOf(text: string, base: string): Listing {
  let [target, seconds, date, init, isGap] = [2, 0, Number.NaN, "", false];
  const segments: Segment[] = [];
  for (const line of text.split("\n")) {
    const value = line.slice(line.indexOf(":") + 1);
    if (line.startsWith("#EXT-X-TARGETDURATION:")) target = Number(value);
    else if (line.startsWith("#EXTINF:")) seconds = Number.parseFloat(value);
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) date = Date.parse(value);
    else if (line.startsWith("#EXT-X-MAP:")) init = new URL(/URI="([^"]*)"/.exec(value)?.[1] ?? "", base).href;
    else if (line === "#EXT-X-GAP") isGap = true;
    else if (line && !line.startsWith("#")) {
      const ends = date + seconds * 1000;
      if (!isGap) segments.push({ address: new URL(line, base).href, init, begins: date, ends });
      [isGap, date] = [false, ends];
    }
  }
  return { target, segments };
}

/** The MIME type of what an init segment announces (RFC 6381). */
export function kindOf(init: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(init);
  const at = text.indexOf("avcC");
  if (at < 0) return `audio/mp4; codecs="${text.includes("Opus") ? "opus" : "mp4a.40.2"}"`;
  const profile = [...init.slice(at + 5, at + 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `video/mp4; codecs="avc1.${profile}"`;
}

/** What all tracks of an engine share. */
interface Shared {
  readonly media: MediaSource;
  readonly video: HTMLVideoElement;
  readonly stopping: AbortSignal;
  /** Media seconds at the date nought: one number for all that a gathering ever publishes. */
  offset: number;
  /** Milliseconds before another attempt. */
  delay(attempt: number): number;
  /** Wait until each track has its buffer: none may be added after the first has begun. */
  complete(): Promise<unknown>;
}

/** One rendition on its way into one source buffer. */
class Track {
  bytes = 0;
  target = 2;
  newsAt = performance.now();
  newest = 0; // ends of what was listed and of what was appended, as dates
  private upTo = 0;
  private buffer: SourceBuffer | null = null;
  private init = "";
  private failures = 0;
  private half = { address: "", bytes: 0 }; // what broke off in the middle goes on there

  constructor(
    private readonly shared: Shared,
    private readonly address: string,
  ) {}

  /** Fetch and append until it is stopped. Rejects when nothing helps any more. */
  async run(): Promise<void> {
    for (;;) {
      try {
        await this.turn();
      } catch (failure) {
        this.failures += 1;
        const isHopeless = this.failures > FAILURES && this.ahead() < 1;
        if (this.shared.stopping.aborted || this.shared.media.readyState !== "open" || isHopeless) throw failure;
        await this.rest(this.shared.delay(this.failures - 1));
      }
    }
  }

  /** Media seconds of the end of what is listed. */
  edge(): number {
    return this.newest / 1000 + this.shared.offset;
  }

  private async turn(): Promise<void> {
    const asked = performance.now();
    const before = this.newest;
    const segments = await this.listing();
    for (const segment of this.due(segments)) {
      while (this.ahead() > AHEAD_S) await this.rest(1000);
      await this.append(segment);
      this.upTo = segment.ends;
    }
    this.failures = 0;
    // The next one comes a target duration after the newest came; what came meanwhile is fetched with it. Not all ask
    // in the same moment.
    const { target } = this;
    let wait = target / 2;
    if (this.newest > before) {
      wait = Math.max(wait, target - Math.max(0, (asked - this.newsAt) / 1000 - 1));
      if (this.ahead() > wait + target + MARGIN_S) wait += target;
    }
    await this.rest(asked + 1000 * (wait + target * (0.1 + Math.random() / 5)) - performance.now());
  }

  private async listing(): Promise<Segment[]> {
    const decoder = new TextDecoder();
    let text = "";
    const { headers } = await this.request(this.address)((part) => (text += decoder.decode(part, { stream: true })));
    const { target, segments } = listingOf(text, this.address);
    const ends = segments[segments.length - 1]?.ends ?? 0;
    this.target = target;
    if (ends > this.newest) {
      // Both by the server's own clock.
      const age = Date.parse(headers.get("date") ?? "") - Date.parse(headers.get("last-modified") ?? "");
      [this.newest, this.newsAt] = [ends, performance.now() - (age > 0 ? age : 0)];
    }
    return segments;
  }

  /** What is to be fetched now. To begin with, enough to last until more is listed, or nothing yet. */
  private due(segments: Segment[]): Segment[] {
    const { video, offset } = this.shared;
    const { newest, target } = this;
    const join = newest - JOIN * target * 1000 - 100;
    if (!this.upTo) {
      const recent = segments.filter((segment) => segment.begins > join);
      const seconds = recent.reduce((sum, segment) => sum + segment.ends - segment.begins, 0) / 1000;
      return seconds > 1.8 * target ? recent : [];
    }
    const isFar = this.edge() - video.currentTime > (JOIN + 1) * target + FAR_S;
    if (isFar || (segments[0]?.begins ?? 0) > this.upTo + 1000) {
      this.upTo = Math.max(this.upTo, join); // what was to come next is listed no more: on from live
      video.currentTime = join / 1000 + offset;
    }
    const from = Math.max(this.upTo, (video.currentTime - offset) * 1000 || 0);
    return segments.filter((segment) => segment.ends > from + 100);
  }

  private ahead(): number {
    const { buffer, shared } = this;
    let seconds = 0;
    for (let index = buffer?.buffered.length ?? 0; buffer && index--; )
      seconds += Math.max(0, buffer.buffered.end(index) - Math.max(buffer.buffered.start(index), shared.video.currentTime));
    return seconds;
  }

  private async rest(ms: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.shared.stopping.aborted) throw new Error("stopped");
  }

  /** Append a segment as its bytes come. */
  private async append(segment: Segment): Promise<void> {
    const { shared, half } = this;
    if (half.bytes && half.address !== segment.address) this.breakOff();
    half.address = segment.address;
    // The few bytes first: what is asked for later may lie behind all of a segment.
    const readInit = segment.init === this.init ? null : this.request(segment.init);
    const read = this.request(segment.address, half.bytes);
    if (readInit) {
      const parts: Uint8Array[] = [];
      await readInit((part) => parts.push(part));
      const init = new Uint8Array(await new Response(new Blob(parts as BlobPart[])).arrayBuffer());
      if (!this.buffer) {
        this.buffer = shared.media.addSourceBuffer(kindOf(init));
        await shared.complete();
      }
      await this.put(init);
      this.init = segment.init;
    }
    const { buffered } = this.buffer as SourceBuffer;
    const { currentTime } = shared.video;
    if (buffered.length && buffered.start(0) < currentTime - 2 * BACK_S)
      await this.change((buffer) => buffer.remove(0, currentTime - BACK_S));
    await read(async (part) => {
      await this.put(part);
      half.bytes += part.length;
      const now = (this.buffer as SourceBuffer).buffered; // ranges never change: what was asked before is of before
      if (Number.isNaN(shared.offset) && now.length) shared.offset = now.start(0) - segment.begins / 1000;
    });
    half.bytes = 0;
  }

  /** What is there of half a segment no longer belongs to what comes. */
  private breakOff(): void {
    this.half.bytes = 0;
    this.buffer?.abort();
  }

  /** Ask for a file, from a byte on; its bytes are read by the function that is returned, at once or a little later. */
  private request(address: string, from = 0): (take: (part: Uint8Array) => unknown) => Promise<Response> {
    const lost = new AbortController();
    const stop = (): void => lost.abort();
    this.shared.stopping.addEventListener("abort", stop);
    const headers: HeadersInit = from ? { Range: `bytes=${from}-` } : {};
    const asked = fetch(address, { signal: lost.signal, credentials: "same-origin", headers });
    let timer = window.setTimeout(stop, SILENCE_MS);
    const read = async (take: (part: Uint8Array) => unknown): Promise<Response> => {
      try {
        const answer = await asked;
        if (from && answer.status === 416) return answer; // it broke off behind the last byte
        if (!answer.ok || !answer.body) throw new Error(`${answer.status}`);
        if (from && answer.status !== 206) this.breakOff();
        const reader = answer.body.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return answer;
          window.clearTimeout(timer);
          timer = window.setTimeout(stop, SILENCE_MS);
          this.bytes += value.length;
          await take(value);
        }
      } finally {
        window.clearTimeout(timer);
        this.shared.stopping.removeEventListener("abort", stop);
      }
    };
    asked.catch(() => undefined); // whoever reads hears of it
    return read;
  }

  private put(bytes: Uint8Array): Promise<void> {
    return this.change((buffer) => buffer.appendBuffer(bytes as BufferSource));
  }

  private async change(act: (buffer: SourceBuffer) => void): Promise<void> {
    const buffer = this.buffer as SourceBuffer;
    act(buffer);
    await new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
  }
}

/** `address`: the media playlists of the tracks, separated by a space. */
export const startMicro: StartEngine = (video, address, _lowLatency, to: Reports): Engine => {
  const given = window as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource };
  const Source = (given.MediaSource ?? given.ManagedMediaSource) as typeof MediaSource;
  const media = new Source();
  const stopping = new AbortController();
  const waiting: (() => void)[] = [];
  const shared: Shared = {
    media,
    video,
    stopping: stopping.signal,
    offset: Number.NaN,
    delay: to.delay,
    complete: () =>
      new Promise<void>((resolve) => {
        if (waiting.push(resolve) === tracks.length) for (const each of waiting) each();
      }),
  };
  const tracks = address.split(" ").map((each) => new Track(shared, new URL(each, location.href).href));
  const sound = tracks[tracks.length - 1] as Track;
  const failed = (why: unknown): void => {
    if (!stopping.signal.aborted) to.failed(String(why));
  };
  const broken = (): void => failed(`media error ${video.error?.code ?? 0}`);
  const begin = (): void => {
    media.duration = Infinity;
    for (const track of tracks) track.run().catch(failed);
  };
  const edge = (): number => Math.min(...tracks.map((track) => track.edge()));
  // What is being released just now, by what lists have told; and how far behind that hearing began.
  const now = (): number => edge() + (performance.now() - sound.newsAt) / 1000;
  let hold = 0;
  let cameAt = 0;
  const enough = (length: number): number => {
    cameAt ||= performance.now();
    const isSlow = length < (performance.now() - cameAt) / 1000;
    return Math.min(START_S, sound.target / 2) * (isSlow ? 3 : 1);
  };
  // What is buffered begins long after nought, and goes on behind a hole.
  const look = (): void => {
    const { buffered, currentTime } = video;
    if (Number.isNaN(shared.offset)) return;
    if (buffered.length && media.readyState === "open")
      media.setLiveSeekableRange?.(buffered.start(0), buffered.end(buffered.length - 1));
    for (let index = 0; index < buffered.length; index += 1) {
      const [from, length] = [buffered.start(index), buffered.end(index) - buffered.start(index)];
      if (currentTime < from) {
        if (length < (currentTime ? 0.5 : enough(length))) return;
        if (!currentTime) hold = Math.min(now(), edge() + sound.target) - from;
        video.currentTime = from + 0.01;
        return;
      }
      if (currentTime < from + length - 0.1) return;
    }
  };
  const own = URL.createObjectURL(media);
  const timer = window.setInterval(look, LOOK_MS);
  media.addEventListener("sourceopen", begin, { once: true });
  video.addEventListener("error", broken);
  if (!given.MediaSource) video.disableRemotePlayback = true; // or a managed source does not open
  video.src = own;
  return {
    name: "micro",
    levels: () => [],
    height: () => video.videoHeight,
    prefer: () => undefined,
    shownAt: () => (video.currentTime && shared.offset ? new Date((video.currentTime - shared.offset) * 1000) : null),
    livePoint: () => (hold ? Math.max(video.currentTime, Math.min(now() - hold, edge())) : null),
    bytes: () => tracks.reduce((sum, track) => sum + track.bytes, 0),
    newsAt: () => Math.min(...tracks.map((track) => track.newsAt)),
    stop: () => {
      stopping.abort();
      window.clearInterval(timer);
      video.removeEventListener("error", broken);
      URL.revokeObjectURL(own);
      video.removeAttribute("src");
      video.load();
    },
  };
};
