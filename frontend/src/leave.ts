// Leaving at once, by the button or with Escape twice: what is seen and heard ends before the server is asked.

const QUICK_MS = 1000;

const form = document.querySelector<HTMLFormElement>("form.leave");
if (form) {
  const leave = (): void => {
    for (const media of document.querySelectorAll<HTMLMediaElement>("video, audio")) {
      media.muted = true; // taken out of the page it would be heard on
      media.pause();
    }
    document.body.textContent = "";
    document.title = form.dataset.title ?? "";
    window.location.replace(form.action);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  let pressedAt = -Infinity;
  const listen = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.repeat) return;
    if (event.timeStamp - pressedAt < QUICK_MS) leave();
    pressedAt = event.timeStamp;
  };
  window.addEventListener("keydown", listen, true); // before anybody else has it
  form.querySelector("button")?.setAttribute("title", form.dataset.hint ?? "");
}
