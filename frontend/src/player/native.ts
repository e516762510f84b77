// Browsers without Media Source Extensions that play HLS by themselves (Safari on older iPhones).
import type { Engine, Reports, StartEngine } from "./engine";

type WithStartDate = HTMLVideoElement & { getStartDate?: () => Date };

export function playsNatively(video: HTMLVideoElement): boolean {
  return video.canPlayType("application/vnd.apple.mpegurl") !== "";
}

export const startNative: StartEngine = (video: WithStartDate, address, _lowLatency, to: Reports): Engine => {
  const failed = (): void => to.failed(`media error ${video.error?.code ?? 0}`);
  let newsAt = performance.now();
  let edge = 0;
  const listen = (): void => {
    const end = video.seekable.length ? video.seekable.end(video.seekable.length - 1) : 0;
    if (end > edge) [edge, newsAt] = [end, performance.now()];
  };
  video.addEventListener("error", failed);
  video.addEventListener("timeupdate", listen);
  video.addEventListener("progress", listen);
  video.src = address;
  return {
    name: "native",
    levels: () => [],
    height: () => video.videoHeight,
    prefer: () => undefined,
    shownAt: () => {
      const start = video.getStartDate?.().valueOf() ?? Number.NaN;
      return Number.isNaN(start) ? null : new Date(start + video.currentTime * 1000);
    },
    livePoint: () => (edge ? Math.max(0, edge - 6) : null),
    bytes: () => null,
    newsAt: () => newsAt,
    stop: () => {
      video.removeEventListener("error", failed);
      video.removeEventListener("timeupdate", listen);
      video.removeEventListener("progress", listen);
      video.removeAttribute("src");
      video.load();
    },
  };
};
