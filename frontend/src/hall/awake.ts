// Keeps the screen from going dark, where the browser lets a page ask for it.

/** For as long as the page is seen; a browser takes the lock away when it is not. */
export function keepAwake(): void {
  if (!("wakeLock" in navigator)) return;
  const ask = (): void => {
    if (!document.hidden) void navigator.wakeLock.request("screen").catch(() => undefined); // a low battery, say
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}
