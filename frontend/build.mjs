// Builds the pages' scripts and styles into src/allpoints/web/static/dist. The result is committed; a test builds again
// and compares the bytes, so nothing here may depend on the clock, the machine or the folder.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../src/allpoints/web/static/dist");
const player = join(here, "node_modules/hls.js");

// Our stream is fMP4 without encryption: transport streams, raw AAC and MP3, keys, captions and the worker stay out.
const leftOut = new RegExp(
  "hls\\.js/src/(" +
    [
      "demux/(tsdemuxer|sample-aes|transmuxer-worker)",
      "demux/audio/(aacdemuxer|mp3demuxer|ac3-demuxer)",
      "remux/(mp4-remuxer|mp4-generator|aac-helper)",
      "crypt/(aes-decryptor|aes-crypto|fast-aes-key)",
      "controller/(eme|cmcd|interstitials|iframe|subtitle-stream|subtitle-track|timeline|id3-track|content-steering)" +
        "(-controller)?",
      "controller/iframe-stream-controller",
      "utils/(cues|vttparser|webvtt-parser|imsc1-ttml-parser|cea-608-parser|variable-substitution)",
    ].join("|") +
    ")\\.ts$",
);

const cut = {
  name: "cut",
  setup(build) {
    const nothing = "module.exports = { __esModule: true }";
    // The remuxer for fMP4 asks the other one for cues that our stream does not carry.
    const noCues = ["Metadata", "Userdata"].map((kind) => `exports.flushTextTrack${kind}CueSamples = () => undefined;`);
    build.onLoad({ filter: leftOut }, ({ path }) => ({
      contents: path.endsWith("mp4-remuxer.ts") ? `exports.__esModule = true; ${noCues.join(" ")}` : nothing,
      loader: "js",
    }));
  },
};

// What a script fetches only when it needs it is a file of its own; all else is one file an entry, since each file costs a
// weak line a round trip.
const fetchedLater = {
  name: "fetched later",
  setup(build) {
    build.onResolve({ filter: /^later:/ }, ({ path, resolveDir }) => {
      return { path: join(resolveDir, `${path.slice("later:".length)}.ts`), namespace: "later" };
    });
    build.onLoad({ filter: /./, namespace: "later" }, async ({ path }) => {
      const { outputFiles } = await esbuild.build({ ...scripts, entryPoints: [path], write: false });
      const [{ contents }] = outputFiles;
      // By its content alone: esbuild's own hash also knows where the tools lie.
      const name = `${basename(path, ".ts")}-${createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase()}.js`;
      writeFileSync(join(out, name), contents);
      return { contents: `export default "./${name}"` };
    });
  },
};

const version = JSON.parse(readFileSync(join(player, "package.json"), "utf8")).version;
const unused =
  "EME_DRM SUBTITLES CMCD CONTENT_STEERING VARIABLE_SUBSTITUTION M2TS_ADVANCED_CODECS MEDIA_CAPABILITIES INTERSTITIALS IFRAMES";
const flags = Object.fromEntries(
  unused.split(" ").map((name) => [`__USE_${name}__`, "false"]),
);

const common = {
  bundle: true, minify: true, format: "esm", target: ["es2020"], charset: "utf8", legalComments: "none",
  sourcemap: false, logLevel: "warning", absWorkingDir: here,
};

// A class's private names that nothing else is called by may as well be short.
const sources = readdirSync(join(here, "src"), { recursive: true }).filter((name) => name.endsWith(".ts")).sort();
const written = sources.map((name) => readFileSync(join(here, "src", name), "utf8")).join("\n");
const ours = [...new Set(Array.from(written.matchAll(/\bprivate (?:readonly |async )*(\w+)/g), ([, name]) => name))].filter(
  (name) => !new RegExp(`(?<!this\\.|private |private readonly |private async )\\b${name}\\b`).test(written),
);

const scripts = {
  ...common,
  outdir: out,
  alias: { "hls-cut": join(player, "src/exports-default.ts") },
  plugins: [cut],
  define: {
    ...flags,
    __USE_ALT_AUDIO__: "true",
    __VERSION__: JSON.stringify(version),
    __IN_WORKER__: "false",
    __HLS_WORKER_BUNDLE__: "undefined",
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await esbuild.build({
  ...scripts,
  entryPoints: ["page", "watch", "control", "break", "hall", "leave"].map((name) => join(here, `src/${name}.ts`)),
  plugins: [cut, fetchedLater],
  mangleProps: new RegExp(`^(${ours.join("|")})$`),
});
await esbuild.build({
  ...common,
  entryPoints: ["sheets/first", "sheets/public", "sheets/watch", "sheets/plain", "sheets/control", "sheets/text", "sheets/hall", "noscript"].map((name) => join(here, `styles/${name}.css`)),
  outdir: out,
  entryNames: "[name]",
  external: ["/static/*"],
});
// Python packs as gzip; brotli, a tenth less, is packed here.
for (const name of readdirSync(out)) {
  const content = readFileSync(join(out, name));
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(join(out, `${name}.br`), brotliCompressSync(content, { params }));
}
const licences = [
  ["hls.js", "LICENSE"], ["eventemitter3", "LICENSE"], ["url-toolkit", "LICENSE"], ["@svta/cml-utils", "LICENSE"],
  ["@svta/cml-id3", "LICENSE"],
];
writeFileSync(join(out, "LICENSES.txt"), licences.map(([name, file]) => text(name, file)).join("\n"));

function text(name, file) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const found = existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  return `${"=".repeat(78)}\n${name} ${version}, ${license}\n\n${found.trim()}\n`;
}
