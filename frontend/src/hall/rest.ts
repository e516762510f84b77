// While the mouse rests, neither it nor anything that is there for it is seen.

const REST_MS = 3000;

export function hideAtRest(body: HTMLElement): void {
  let timer = 0;
  const wake = (): void => {
    body.classList.remove("is-resting");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => body.classList.add("is-resting"), REST_MS);
  };
  for (const sign of ["pointermove", "pointerdown", "keydown", "focusin"]) document.addEventListener(sign, wake);
  wake();
}
