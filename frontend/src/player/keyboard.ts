// Keys of the watch page. None does anything while somebody types or a modifier is held.
import type { Controls } from "./controls";
import type { Player } from "./player";

const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";

export function listenToKeys(player: Player, controls: Controls): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.closest(TYPING)) return;
    if (event.key === " " && target.closest("button, a, summary, input")) return;
    const arrow = event.key.startsWith("Arrow");
    if (arrow && (target.closest("input") || (!controls.root.contains(target) && target !== document.body))) return;
    // Keyboards of other scripts have the letters where the Latin ones are.
    const key = event.key.length > 1 || /[ -~]/.test(event.key) ? event.key : event.code.replace("Key", "");
    const act = actionFor(key, player, controls);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function actionFor(key: string, player: Player, controls: Controls): (() => void) | null {
  const { video } = player;
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case " ":
    case "k":
      return () => player.toggle();
    case "m":
      return () => player.setMuted(!video.muted);
    case "f":
      return () => controls.toggleFullScreen();
    case "j":
      return () => player.toLive();
    case "ArrowUp":
      return () => controls.setVolume(video.volume + 0.1);
    case "ArrowDown":
      return () => controls.setVolume(video.volume - 0.1);
    case "ArrowLeft":
      return () => controls.seekBy(-10);
    case "ArrowRight":
      return () => controls.seekBy(10);
    default:
      return null;
  }
}
