// What a viewer may choose, and which engine plays which playlists then.
import microPath from "later:./micro";
import msePath from "later:./mse";
import nativePath from "later:./native";
import { fetchedLater } from "../later";
import type { StartEngine } from "./engine";

export type Choice = "auto" | "small" | "audio" | "audio-least" | number;

/** What the page says that is published: names of sound alone, the fullest first, and heights of pictures. */
export interface Offer {
  readonly live: string;
  readonly audio: readonly string[];
  readonly heights: readonly number[];
  lowLatency: boolean;
  /** The lowest renditions in long segments. */
  hasLong: boolean;
}

export interface Plan {
  readonly engine: "mse" | "micro";
  /** Playlists, separated by a space. */
  readonly address: string;
  /** Of how much patience with it makes sense: long segments come five times as late. */
  readonly patience: number;
}

type Device = Navigator & { readonly deviceMemory?: number; readonly connection?: { readonly saveData?: boolean } };

/** Media Source Extensions; on iPhones they are managed. */
export function mediaSource(): typeof MediaSource | undefined {
  const given = window as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource };
  return given.MediaSource ?? given.ManagedMediaSource;
}

const hasMse = (): boolean => mediaSource() !== undefined;

export const isSoundAlone = (choice: Choice): boolean => choice === "audio" || choice === "audio-least";

/** The rendition that costs least and can be played here. */
export function leastAudio({ audio }: Offer): string | undefined {
  const names = mediaSource()?.isTypeSupported('audio/mp4; codecs="opus"') ? ["opus16", "a32"] : ["a32"];
  return names.find((name) => audio.includes(name));
}

export function isOffered(choice: Choice, offer: Offer): boolean {
  if (choice === "small") return offer.heights.includes(144) && offer.audio.includes("a32");
  if (choice === "audio-least") return offer.audio.length > 1 && leastAudio(offer) !== undefined;
  return choice !== "audio" || offer.audio.length > 0;
}

/** Little memory, or few processors and a wish to save: hls.js would take what the picture needs. */
function isWeakDevice({ deviceMemory, connection, hardwareConcurrency }: Device): boolean {
  return (deviceMemory ?? 8) <= 1 || (hardwareConcurrency <= 2 && connection?.saveData === true);
}

export function planOf(choice: Choice, offer: Offer, device: Device = navigator): Plan {
  const { live, audio, heights } = offer;
  const micro = (patience: number, ...playlists: string[]): Plan => {
    return { engine: "micro", address: playlists.map((each) => live + each).join(" "), patience };
  };
  const long = offer.hasLong ? "long.m3u8" : "index.m3u8";
  if (choice === "audio") return micro(1, `${audio[0] ?? "a64"}/index.m3u8`);
  if (choice === "audio-least") return micro(4, `${leastAudio(offer) ?? "a32"}/${long}`);
  if (choice === "small") return hasMse() ? micro(4, `v144/${long}`, `a32/${long}`) : micro(4, "master-low.m3u8");
  const height = [240, 144].find((each) => heights.includes(each));
  if (choice === "auto" && hasMse() && height && isWeakDevice(device))
    return micro(1, `v${height}/index.m3u8`, "a32/index.m3u8");
  return { engine: "mse", address: `${live}${offer.lowLatency ? "master-ll.m3u8" : "master.m3u8"}`, patience: 1 };
}

/** Load what a plan needs; null where this browser cannot play. */
export async function engineFor(plan: Plan, video: HTMLVideoElement): Promise<StartEngine | null> {
  if (hasMse() && plan.engine === "micro") return (await fetchedLater<typeof import("./micro")>(microPath)).startMicro;
  if (hasMse()) {
    const mse = await fetchedLater<typeof import("./mse")>(msePath);
    if (mse.isSupported()) return mse.startMse;
  }
  const native = await fetchedLater<typeof import("./native")>(nativePath);
  return native.playsNatively(video) ? native.startNative : null;
}
