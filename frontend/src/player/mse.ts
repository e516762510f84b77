// hls.js over Media Source Extensions: our own cut of it, without what this stream never uses.
import Hls from "hls-cut";
import type { Engine, Reports, StartEngine } from "./engine";

const MEDIA_ERROR_PAUSE_MS = 4000;

const patience = {
  default: {
    maxTimeToFirstByteMs: 10000,
    maxLoadTimeMs: 20000,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 8, retryDelayMs: 500, maxRetryDelayMs: 3000 },
  },
};

export const isSupported = (): boolean => Hls.isSupported();

export const startMse: StartEngine = (video, address, lowLatency, to: Reports): Engine => {
  const hls = new Hls({
    enableWorker: false, // a worker made from a blob would need a weaker Content-Security-Policy
    lowLatencyMode: lowLatency,
    backBufferLength: 20,
    maxBufferLength: 20,
    maxLiveSyncPlaybackRate: lowLatency ? 1.08 : 1,
    capLevelToPlayerSize: true,
    startFragPrefetch: true,
    fragLoadPolicy: patience,
    playlistLoadPolicy: patience,
    manifestLoadPolicy: patience,
  });
  let bytes = 0;
  let newsAt = performance.now();
  let edge = 0;
  let mended = -Infinity;
  hls.on(Hls.Events.FRAG_LOADED, (_, loaded) => {
    bytes += (loaded.part ?? loaded.frag).stats.loaded;
  });
  const listed = (_: unknown, loaded: { details: { edge: number }; stats: { loaded: number } }): void => {
    bytes += loaded.stats.loaded;
    if (loaded.details.edge > edge) [edge, newsAt] = [loaded.details.edge, performance.now()];
  };
  hls.on(Hls.Events.LEVEL_LOADED, listed);
  hls.on(Hls.Events.AUDIO_TRACK_LOADED, listed);
  hls.on(Hls.Events.MANIFEST_PARSED, () => to.levelsKnown());
  hls.on(Hls.Events.LEVEL_SWITCHED, () => to.levelsKnown());
  hls.on(Hls.Events.ERROR, (_, error) => {
    if (error.details === Hls.ErrorDetails.FRAG_GAP && !video.buffered.length) startAfterGap(error.frag?.end ?? 0);
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - mended > MEDIA_ERROR_PAUSE_MS) {
      mended = performance.now();
      const wasPlaying = !video.paused;
      hls.recoverMediaError(); // attaches anew, and a new source begins paused
      if (wasPlaying) video.play().catch(() => undefined);
    } else {
      to.failed(error.details);
    }
  });
  // Where the point to start from lies in a gap (the stage has just come back), hls.js tries level after level.
  const startAfterGap = (end: number): void => {
    const listed = hls.latestLevelDetails?.fragments ?? [];
    const next = listed.find((fragment) => fragment.start >= end - 0.1 && !fragment.gap);
    if (next) window.setTimeout(() => video.buffered.length || hls.startLoad(next.start + 0.05));
  };
  hls.loadSource(address);
  hls.attachMedia(video);
  const levelOf = (height: number): number => hls.levels.findIndex((level) => level.height === height);
  return {
    name: "mse",
    levels: () =>
      [...new Set(hls.levels.map((level) => level.height))]
        .filter((height) => height > 0)
        .sort((one, other) => other - one)
        .map((height) => ({ height })),
    height: () => hls.levels[hls.currentLevel]?.height ?? 0,
    prefer: (height) => {
      hls.capLevelToPlayerSize = height === null;
      hls.autoLevelCapping = -1;
      hls.nextLevel = height === null ? -1 : levelOf(height);
    },
    shownAt: () => hls.playingDate,
    livePoint: () => hls.liveSyncPosition,
    bytes: () => bytes,
    newsAt: () => newsAt,
    stop: () => hls.destroy(),
  };
};
